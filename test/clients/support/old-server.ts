import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type FarServer, freePort, listening, startPostfix } from './far-servers.ts'

const run = promisify(execFile)

/** A mail server of Dovecot and Postfix, for people of example.test with the password `old pw` and one mailbox for all of them. */
export interface OldMailServer {
  readonly ports: {
    readonly imaps: number
    readonly imap: number
    readonly pop3s: number
    readonly smtp: number
  }
  /** Who believes this believes its certificate, which is for 127.0.0.1. */
  readonly certificateFile: string
  readonly postfix: FarServer
  end(): Promise<void>
}

export async function startOldServer(people: readonly string[]): Promise<OldMailServer> {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-old-'))
  // Their processes run as users who must find their way in.
  chmodSync(folder, 0o755)
  for (const sub of ['postfix', 'run']) mkdirSync(join(folder, sub))
  const pair = await certificateIn(folder)
  const postfix = await startPostfix(join(folder, 'postfix'), 9, pair, {
    virtual_mailbox_domains: 'example.test',
    smtpd_sasl_auth_enable: 'yes',
    smtpd_sasl_type: 'dovecot',
    smtpd_sasl_path: join(folder, 'run/auth-client'),
    smtpd_tls_auth_only: 'yes',
    smtpd_recipient_restrictions: 'permit_sasl_authenticated, reject_unauth_destination',
    smtpd_relay_restrictions: 'permit_sasl_authenticated, reject_unauth_destination',
  })
  const ports = {
    imaps: await freePort(),
    imap: await freePort(),
    pop3s: await freePort(),
    smtp: postfix.port,
  }
  const users = people.map((name) => `${name}@example.test:{PLAIN}old pw::::::\n`)
  writeFileSync(join(folder, 'users'), users.join(''))
  writeFileSync(join(folder, 'dovecot.conf'), configuration(folder, ports))
  const dovecot = spawn('/usr/sbin/dovecot', ['-F', '-c', join(folder, 'dovecot.conf')], { stdio: 'ignore' })
  await listening(ports.imaps, dovecot)
  return {
    ports,
    certificateFile: join(folder, 'cert.pem'),
    postfix,
    async end() {
      const ended = once(dovecot, 'exit')
      dovecot.kill('SIGTERM')
      await ended
      await postfix.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function certificateIn(folder: string) {
  const [keyFile, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-subj', '/CN=old', '-addext', 'subjectAltName=IP:127.0.0.1']
  await run('openssl', ['req', '-x509', '-days', '5', ...names, ...key, '-keyout', keyFile, '-out', file])
  return { key: readFileSync(keyFile, 'utf8'), certificate: readFileSync(file, 'utf8') }
}

const configuration = (folder: string, ports: Omit<OldMailServer['ports'], 'smtp'>): string => `
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/dovecot.log
protocols = imap pop3
listen = 127.0.0.1, 127.0.0.2
ssl = required
ssl_cert = <${folder}/cert.pem
ssl_key = <${folder}/key.pem
first_valid_uid = 8
first_valid_gid = 8
default_internal_user = dovecot
default_login_user = mail
default_internal_group = dovecot
mail_location = maildir:${folder}/postfix/box/all
mail_max_userip_connections = 200
default_process_limit = 400
pop3_lock_session = no
mail_uid = mail
mail_gid = mail
auth_mechanisms = plain
service imap-login {
  service_count = 0
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service pop3-login {
  service_count = 0
  inet_listener pop3 {
    port = 0
  }
  inet_listener pop3s {
    port = ${ports.pop3s}
    ssl = yes
  }
}
service auth {
  unix_listener auth-client {
    mode = 0666
  }
}
passdb {
  driver = passwd-file
  args = username_format=%u ${folder}/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/postfix/box
}
`
