import { accounts, password } from '../server/accounts.ts'

export type DovecotPlan = {
  readonly folder: string
  readonly imap: number
  readonly imaps: number
  readonly pop3: number
  readonly pop3s: number
  readonly lmtp: number
}

/** Where Postfix asks for passwords. Over TCP each question would wait 40 ms for a delayed acknowledgement. */
export const authSocket = (folder: string): string => `${folder}/dovecot/auth-client`

/** Dovecot as the Mailu stack sets it: Maildir, quota, the Sieve script that runs before each delivery, sieve in IMAP. */
export function dovecotFiles(plan: DovecotPlan): Readonly<Record<string, string>> {
  return {
    'etc/dovecot/dovecot.conf': [storage(plan), accountsAndAuth(plan), services(plan), delivery(plan)].join(
      '\n',
    ),
    'etc/dovecot/users': accounts.map((address) => `${address}:{PLAIN}${password}::::::\n`).join(''),
    'etc/dovecot/before.sieve': spamToJunk,
  }
}

const storage = ({ folder }: DovecotPlan): string => `
base_dir = ${folder}/dovecot
state_dir = ${folder}/dovecot
log_path = ${folder}/log/dovecot.log
protocols = imap pop3 lmtp
postmaster_address = postmaster@example.test
hostname = mail.example.test
listen = 127.0.0.1
default_internal_user = dovecot
default_login_user = mail
default_internal_group = dovecot
first_valid_gid = 8
first_valid_uid = 8
mail_location = maildir:${folder}/mail/%u
mail_home = ${folder}/mail/%u
mail_uid = mail
mail_gid = mail
mail_privileged_group = mail
mail_access_groups = mail
maildir_stat_dirs = yes
mailbox_list_index = yes
mail_vsize_bg_after_count = 100
mail_plugins = $mail_plugins quota
default_vsz_limit = 2GB
ssl = yes
ssl_cert = <${folder}/tls/cert.pem
ssl_key = <${folder}/tls/key.pem
ssl_min_protocol = TLSv1.2
ssl_options = no_compression no_ticket
recipient_delimiter = +
namespace inbox {
  inbox = yes
${['Trash', 'Drafts', 'Sent', 'Junk'].map(specialUse).join('')}}`

const specialUse = (name: string): string => `  mailbox ${name} {
    auto = subscribe
    special_use = \\${name}
  }
`

const accountsAndAuth = ({ folder }: DovecotPlan): string => `
auth_username_chars =
auth_mechanisms = plain login
disable_plaintext_auth = no
passdb {
  driver = passwd-file
  args = username_format=%u ${folder}/etc/dovecot/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/mail/%u
}
service auth {
  client_limit = 30000
  unix_listener auth-userdb {
  }
  unix_listener auth-client {
    mode = 0666
  }
}
service anvil {
  client_limit = 30000
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service stats {
  client_limit = 30000
}`

const services = ({ imap, imaps, pop3, pop3s }: DovecotPlan): string => `
protocol imap {
  mail_plugins = $mail_plugins imap_quota imap_sieve
  # 20 in Mailu; one bench opens more for one account
  mail_max_userip_connections = 5000
  imap_idle_notify_interval = 29mins
}
service imap {
  process_limit = 5000
}
${loginService('imap', imap, imaps)}
${loginService('pop3', pop3, pop3s)}
service indexer-worker {
  process_limit = 1
}`

const loginService = (protocol: 'imap' | 'pop3', plain: number, secure: number): string => `
service ${protocol}-login {
  inet_listener ${protocol} {
    port = ${plain}
  }
  inet_listener ${protocol}s {
    port = ${secure}
    ssl = yes
  }
  service_count = 0
  client_limit = 25000
  process_min_avail = 2
  process_limit = 2
  vsz_limit = 256M
}`

const delivery = ({ folder, lmtp }: DovecotPlan): string => `
protocol lmtp {
  mail_plugins = $mail_plugins sieve
}
service lmtp {
  inet_listener lmtp {
    port = ${lmtp}
  }
}
plugin {
  quota = count:User quota
  quota_vsizes = yes
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_plugins = sieve_imapsieve sieve_extprograms
  sieve_extensions = +spamtest +spamtestplus +editheader
  sieve_global_extensions = +vnd.dovecot.execute
  sieve_before = file:${folder}/etc/dovecot/before.sieve
  sieve_spamtest_status_type = strlen
  sieve_spamtest_status_header = X-Spam-Level
  sieve_spamtest_max_value = 15
}`

/** What Mailu runs before each delivery. */
const spamToJunk = `require ["variables", "fileinto", "imap4flags", "relational", "comparator-i;ascii-numeric",
  "spamtestplus", "editheader", "index", "mailbox"];
if header :index 2 :matches "Received" "from * by * for <*>; *" {
  deleteheader "Delivered-To";
  addheader "Delivered-To" "<\${3}>";
}
if allof (spamtest :percent :value "gt" :comparator "i;ascii-numeric" "80") {
  setflag "\\\\seen";
  fileinto :create "Junk";
  stop;
}
`
