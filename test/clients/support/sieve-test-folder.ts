import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { requireDebian } from './debian.ts'

/** A folder in which Debian's sieve-test runs, by `dovecot.conf` in it; removed by `remove`. */
export interface SieveTestFolder {
  readonly path: string
  readonly env: NodeJS.ProcessEnv
  prepare(settings?: readonly string[]): Promise<void>
  remove(): void
}

export function sieveTestFolder(): SieveTestFolder {
  const path = mkdtempSync(join(tmpdir(), 'homepost-sieve-test-'))
  return {
    path,
    env: { ...process.env, HOME: path, TZ: 'UTC' },
    prepare: async (settings = []) => {
      await requireDebian('dovecot-core', 'dovecot-sieve')
      // sieve-test runs as nobody, and keeps the compiled script beside the script
      chmodSync(path, 0o777)
      mkdirSync(join(path, 'mail'))
      chmodSync(join(path, 'mail'), 0o777)
      const config = [
        'first_valid_gid = 0',
        'mail_uid = nobody',
        'mail_gid = nogroup',
        `mail_location = maildir:${join(path, 'mail')}`,
        'log_path = /dev/stderr',
        'ssl = no',
        ...settings,
        '',
      ]
      writeFileSync(join(path, 'dovecot.conf'), config.join('\n'))
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
