import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireDebian } from './debian.ts'

const run = promisify(execFile)

/** Pigeonhole's test scripts, unpacked. */
export interface PigeonholeTests {
  readonly folder: string
  readonly remove: () => void
}

/**
 * Takes the test scripts out of Debian's source package of dovecot, by the ordinary client and a list of sources of its own:
 * the machine's lists stay as they are.
 */
export async function fetchPigeonholeTests(): Promise<PigeonholeTests> {
  await requireDebian('dpkg-dev', 'ca-certificates')
  const folder = mkdtempSync(join(tmpdir(), 'homepost-pigeonhole-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const env = { ...process.env, APT_CONFIG: writeAptConfig(folder) }
    const options = { cwd: folder, env, timeout: 280_000, maxBuffer: 64 * 1024 * 1024 }
    await run('apt-get', ['-q', 'update'], options)
    await run('apt-get', ['-q', 'source', '--download-only', 'dovecot'], options)
    const archive = readdirSync(folder).find((name) => name.includes('.orig-pigeonhole.tar.'))
    if (archive === undefined) throw new Error('the source package of dovecot has no part named pigeonhole')
    await run('tar', ['--extract', '--strip-components=1', '--file', archive], options)
    return { folder: join(folder, 'tests'), remove }
  } catch (cause) {
    remove()
    throw new Error("Debian's source package of dovecot cannot be fetched", { cause })
  }
}

function writeAptConfig(folder: string): string {
  const codename = /^VERSION_CODENAME=(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable'
  for (const name of ['parts', 'lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  const source = [
    'Types: deb-src',
    'URIs: http://deb.debian.org/debian',
    `Suites: ${codename}`,
    'Components: main',
    'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
    '',
  ]
  writeFileSync(join(folder, 'parts', 'source.sources'), source.join('\n'))
  const config = join(folder, 'apt.conf')
  const settings = [
    'Dir::Etc::sourcelist "/dev/null";',
    `Dir::Etc::sourceparts "${join(folder, 'parts')}";`,
    `Dir::State::lists "${join(folder, 'lists')}";`,
    `Dir::Cache "${join(folder, 'cache')}";`,
    'APT::Sandbox::User "root";',
    '',
  ]
  writeFileSync(config, settings.join('\n'))
  return config
}
