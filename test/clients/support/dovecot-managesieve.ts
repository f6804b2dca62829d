import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Dovecot that speaks ManageSieve alone, to ann@example.test with the password `pw`. */
export interface DovecotManageSieve {
  readonly port: number
  end(): Promise<void>
}

export async function startDovecotManageSieve(): Promise<DovecotManageSieve> {
  const folder = mkdtempSync(join(tmpdir(), 'homepost-dovecot-'))
  // Its processes run as users who must find their way in.
  chmodSync(folder, 0o755)
  const port = await freePort()
  mkdirSync(join(folder, 'mail'))
  chmodSync(join(folder, 'mail'), 0o777)
  writeFileSync(join(folder, 'users'), 'ann@example.test:{PLAIN}pw::::::\n')
  const config = join(folder, 'dovecot.conf')
  writeFileSync(config, configuration(folder, port))
  const child = spawn('/usr/sbin/dovecot', ['-F', '-c', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (said += String(chunk)))
  await listening(child, port, () => said)
  return {
    port,
    async end() {
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const configuration = (folder: string, port: number): string => `
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = /dev/stderr
protocols = sieve
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
first_valid_uid = 8
default_internal_user = dovecot
default_login_user = mail
default_internal_group = dovecot
mail_location = maildir:${folder}/mail/%u
mail_uid = mail
mail_gid = mail
auth_mechanisms = plain login
passdb {
  driver = passwd-file
  args = username_format=%u ${folder}/users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=${folder}/mail/%u
}
service managesieve-login {
  inet_listener sieve {
    port = ${port}
  }
}
plugin {
  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_extensions = +spamtest +spamtestplus +editheader
  sieve_max_script_size = 5000
  sieve_quota_max_scripts = 4
  sieve_quota_max_storage = 8000
}
`

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

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
