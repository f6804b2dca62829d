import { accounts, domain } from '../server/accounts.ts'
import { authSocket } from './dovecot-config.ts'
import { milterSocket } from './rspamd-config.ts'

export type PostfixPlan = {
  readonly folder: string
  readonly smtp: number
  readonly lmtp: number
  readonly submissions: number
  readonly relayTo: number | undefined
  /** Whether what arrives passes the milter, and by way of a proxy that tells who the client is. */
  readonly filters: boolean
}

/**
 * Postfix as the Mailu stack sets it, with differences that all favour it: look-ups read LMDB files instead of asking a
 * service over a socket, there is no proxy in front, and no milter but where mail is submitted to be relayed or a filter is wanted;
 * that one is asked over a UNIX socket. The restrictions that would ask DNS are left out on both sides.
 */
export function postfixFiles(plan: PostfixPlan): Readonly<Record<string, string>> {
  const { folder, lmtp, relayTo } = plan
  const maps = `${folder}/etc/postfix`
  const main = {
    mydomain: domain,
    myhostname: `mail.${domain}`,
    myorigin: domain,
    maillog_file: `${folder}/log/postfix.log`,
    maillog_file_prefixes: folder,
    queue_directory: `${folder}/postfix/spool`,
    data_directory: `${folder}/postfix/data`,
    command_directory: '/usr/sbin',
    daemon_directory: '/usr/lib/postfix/sbin',
    meta_directory: '/etc/postfix',
    shlib_directory: '/usr/lib/postfix',
    compatibility_level: '3.6',
    message_size_limit: '50000000',
    mailbox_size_limit: '0',
    virtual_mailbox_limit: '0',
    mynetworks: '',
    inet_interfaces: '127.0.0.1',
    inet_protocols: 'ipv4',
    alias_maps: '',
    mydestination: '',
    relayhost: relayTo === undefined ? '' : `[127.0.0.1]:${relayTo}`,
    relay_domains: '',
    recipient_delimiter: '+',
    notify_classes: 'resource, software, delay',
    delay_warning_time: '5m',
    virtual_alias_domains: '',
    virtual_alias_maps: `lmdb:${maps}/alias`,
    virtual_mailbox_domains: `lmdb:${maps}/domain`,
    virtual_mailbox_maps: `lmdb:${maps}/mailbox`,
    virtual_transport: `lmtp:inet:127.0.0.1:${lmtp}`,
    lmtp_host_lookup: 'native',
    smtpd_forbid_bare_newline: 'yes',
    smtpd_forbid_unauth_pipelining: 'no',
    smtpd_tls_cert_file: `${folder}/tls/cert.pem`,
    smtpd_tls_key_file: `${folder}/tls/key.pem`,
    smtpd_tls_security_level: 'may',
    smtpd_tls_session_cache_database: `lmdb:${folder}/postfix/data/smtpd_scache`,
    smtpd_delay_reject: 'yes',
    smtpd_helo_required: 'yes',
    smtpd_peername_lookup: 'no',
    smtpd_client_restrictions: 'reject_non_fqdn_sender, permit',
    smtpd_relay_restrictions: 'reject_unauth_destination',
    // one client makes all connections here: the limit per client would measure itself
    smtpd_client_connection_count_limit: '0',
  }
  return {
    'etc/postfix/main.cf': Object.entries(main)
      .map(([name, value]) => `${name} = ${value}\n`)
      .join(''),
    'etc/postfix/master.cf': masterServices(plan),
    'etc/postfix/dynamicmaps.cf': 'lmdb postfix-lmdb.so dict_lmdb_open mkmap_lmdb_open\n',
    'etc/postfix/domain': `${domain} OK\n`,
    'etc/postfix/mailbox': accounts.map((address) => `${address} ${address}\n`).join(''),
    'etc/postfix/alias': accounts.map((address) => `${address} ${address}\n`).join(''),
  }
}

export const postfixMaps = ['domain', 'mailbox', 'alias'] as const

function masterServices({ folder, smtp, submissions, relayTo, filters }: PostfixPlan): string {
  return `127.0.0.1:${smtp} inet n - n - - smtpd
${filters ? `  -o smtpd_upstream_proxy_protocol=haproxy\n${throughMilter(folder)}` : ''}127.0.0.1:${submissions} inet n - n - - smtpd
  -o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes -o smtpd_sasl_type=dovecot
  -o smtpd_sasl_path=${authSocket(folder)} -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
${relayTo === undefined ? '' : throughMilter(folder)}pickup    unix  n  -  n  60    1  pickup
cleanup   unix  n  -  n  -     0  cleanup
qmgr      unix  n  -  n  300   1  qmgr
tlsmgr    unix  -  -  n  1000? 1  tlsmgr
rewrite   unix  -  -  n  -     -  trivial-rewrite
bounce    unix  -  -  n  -     0  bounce
defer     unix  -  -  n  -     0  bounce
trace     unix  -  -  n  -     0  bounce
verify    unix  -  -  n  -     1  verify
flush     unix  n  -  n  1000? 0  flush
proxymap  unix  -  -  n  -     -  proxymap
smtp      unix  -  -  n  -     -  smtp
relay     unix  -  -  n  -     -  smtp
error     unix  -  -  n  -     -  error
retry     unix  -  -  n  -     -  error
discard   unix  -  -  n  -     -  discard
lmtp      unix  -  -  n  -     -  lmtp
anvil     unix  -  -  n  -     1  anvil
scache    unix  -  -  n  -     1  scache
postlog   unix-dgram n - n -   1  postlogd
`
}

/** As in Mailu: rspamd signs what people send and judges what arrives; without it nothing is taken. */
const throughMilter = (folder: string): string =>
  `  -o smtpd_milters=unix:${milterSocket(folder)} -o milter_default_action=tempfail -o milter_protocol=6
  -o milter_mail_macros=i,{mail_addr},{client_addr},{client_name},{auth_authen}
`
