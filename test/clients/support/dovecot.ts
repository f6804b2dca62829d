import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { issue } from '../../support/certificates.ts'
import { freePort } from './far-servers.ts'

/** A Dovecot where mail lies: IMAP and POP3 in clear text, with STARTTLS, and with TLS. Everybody's password is `pw`. */
export interface DovecotServer {
  readonly ports: Readonly<Record<'imap' | 'imaps' | 'pop3' | 'pop3s', number>>
  /** PEM of who vouches for its certificate, in a file. */
  readonly authority: string
  end(): Promise<void>
}

/** Its certificate is for `name`. */
export async function startDovecot(name: string): Promise<DovecotServer> {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-dovecot-'))
  // Its processes run as users who must find their way in.
  chmodSync(folder, 0o755)
  const [imap, imaps, pop3, pop3s] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const ports = { imap, imaps, pop3, pop3s }
  mkdirSync(join(folder, 'mail'))
  chmodSync(join(folder, 'mail'), 0o777)
  const ca = issue('Dovecot door CA', undefined, { ca: true })
  const door = issue(name, ca)
  const authority = join(folder, 'ca.pem')
  writeFileSync(authority, ca.pem)
  writeFileSync(join(folder, 'door.pem'), door.chain)
  writeFileSync(join(folder, 'door.key'), door.keyPem)
  const config = join(folder, 'dovecot.conf')
  writeFileSync(config, configuration(folder, ports))
  const child = spawn('/usr/sbin/dovecot', ['-F', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += String(chunk)))
  for (const port of Object.values(ports)) await listening(child, port, () => said)
  return {
    ports,
    authority,
    async end() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const configuration = (folder: string, ports: DovecotServer['ports']): string => `
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = /dev/stderr
protocols = imap pop3
listen = 127.0.0.1
ssl = yes
ssl_cert = <${folder}/door.pem
ssl_key = <${folder}/door.key
disable_plaintext_auth = no
mail_max_userip_connections = 50
first_valid_uid = 8
default_internal_user = dovecot
default_login_user = mail
default_internal_group = dovecot
mail_location = maildir:${folder}/mail/%u/Maildir
mail_uid = mail
mail_gid = mail
passdb {
  driver = static
  args = password=pw
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/mail/%u
}
service imap-login {
  inet_listener imap {
    port = ${ports.imap}
  }
  inet_listener imaps {
    port = ${ports.imaps}
    ssl = yes
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports.pop3}
  }
  inet_listener pop3s {
    port = ${ports.pop3s}
    ssl = yes
  }
}
`

async function listening(child: ChildProcess, port: number, said: () => string): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) break
    const isOpen = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1')
      socket.once('connect', () => socket.destroy() && resolve(true))
      socket.once('error', () => setTimeout(() => resolve(false), 50))
    })
    if (isOpen) return
  }
  child.kill('SIGKILL')
  throw new Error(`dovecot did not open its port:\n${said()}`)
}
