import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Ran, run, type TestServer } from '../../support/server.ts'

interface Play {
  readonly user: string
  /** For its files. */
  readonly folder: string
  readonly keys: string
}

/** neomutt on a real terminal, signed in by IMAP; the keys end it. Needs `neomutt` and `expect`. */
export function playNeomutt({ ports, dataDir }: TestServer, { user, folder, keys }: Play): Promise<Ran> {
  const rc = join(folder, `${user}.muttrc`)
  const certificates = join(folder, `${user}.certs`)
  const lines = [
    `set folder="imaps://127.0.0.1:${ports.imaps}/"`,
    'set spoolfile="+INBOX"',
    `set imap_user="${user}@example.test"`,
    'set imap_pass="pw"',
    'unset ssl_verify_host',
    'unset ssl_verify_dates',
    `set certificate_file="${certificates}"`,
    'set confirmappend=no delete=yes quit=yes move=no mark_old=no wait_key=no pipe_decode=yes',
    `set header_cache="" imap_idle=yes`,
    `push "${keys}"`,
  ]
  writeFileSync(rc, `${lines.join('\n')}\n`)
  writeFileSync(certificates, readFileSync(join(dataDir, 'certs', 'self-signed.cert.pem')))
  const script = `set timeout 60; set env(TERM) xterm; spawn neomutt -n -F ${rc}; expect { "(r)eject" { send "o"; exp_continue } eof {} timeout { exit 9 } }`
  return run('expect', ['-c', script])
}
