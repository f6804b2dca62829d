import { type ChildProcess, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vi } from 'vitest'
import type { TestServer } from '../../support/server.ts'

export interface Roundcube {
  readonly folder: string
  readonly errors: () => string
  stop(): void
}

/** Debian's Roundcube with our plugin, on PHP's own web server, as docs/webmail-beside.md sets it up. */
export async function startRoundcube(port: number, ports: TestServer['ports']): Promise<Roundcube> {
  const folder = mkdtempSync(join(tmpdir(), 'roundcube-'))
  const install = join(folder, 'roundcube')
  cpSync('/usr/share/roundcube', install, { recursive: true, dereference: true })
  cpSync('config/roundcube/homepost', join(install, 'plugins/homepost'), { recursive: true })
  for (const name of ['config', 'temp', 'logs']) mkdirSync(join(folder, name))
  const settings = {
    db_dsnw: `sqlite:///${folder}/roundcube.db?mode=0600`,
    imap_host: `127.0.0.1:${ports['attached-imap']}`,
    smtp_host: `127.0.0.1:${ports['attached-submission']}`,
    smtp_user: '%u',
    smtp_pass: '%p',
    managesieve_host: `127.0.0.1:${ports['attached-sieve']}`,
    request_path: '/roundcube/',
    des_key: 'abcdefghijklmnopqrstuvwx',
    temp_dir: join(folder, 'temp'),
    log_dir: join(folder, 'logs'),
  }
  const lines = Object.entries(settings).map(([name, value]) => `$config['${name}'] = '${value}';`)
  const plugins = "$config['plugins'] = ['homepost', 'managesieve'];"
  writeFileSync(
    join(folder, 'config/config.inc.php'),
    `<?php\n$config = [];\n${lines.join('\n')}\n${plugins}\n`,
  )
  cpSync('/etc/roundcube/defaults.inc.php', join(folder, 'config/defaults.inc.php'))
  cpSync('/etc/roundcube/mimetypes.php', join(folder, 'config/mimetypes.php'))
  const env = { PATH: process.env['PATH'] ?? '', ROUNDCUBE_CONFIG_DIR: `${folder}/config/` }
  // Debian's says that it stands in /var/lib, which is not ours to change.
  const prepend = join(folder, 'here.php')
  writeFileSync(prepend, `<?php define('INSTALL_PATH', '${install}/');`)
  const args = ['-d', `auto_prepend_file=${prepend}`, '-S', `127.0.0.1:${port}`, '-t', install]
  const child: ChildProcess = spawn('php', args, {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await vi.waitUntil(() => said.includes('started'), { timeout: 30_000 })
  return {
    folder,
    errors: () => said,
    stop() {
      child.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
