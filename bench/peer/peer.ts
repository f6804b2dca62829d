import { execFile } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { createLife } from '../server/life.ts'
import type { MailServer } from '../server/mail-server.ts'
import { accepting, freePorts, host } from '../server/ports.ts'
import { dovecotFiles } from './dovecot-config.ts'
import { postfixFiles, postfixMaps } from './postfix-config.ts'
import { redisCommand, rspamdCommand, rspamdFiles, signingKey } from './rspamd-config.ts'

const run = promisify(execFile)

const packages = [
  'postfix',
  'postfix-lmdb',
  'postfix-pcre',
  'dovecot-imapd',
  'dovecot-lmtpd',
  'dovecot-pop3d',
  'dovecot-sieve',
  'openssl',
]
const installer = join(import.meta.dirname, '../../scripts/install-debian.sh')

/** Postfix and Dovecot, from their own configuration in `folder`, on ports that were free. Needs root. With `relayTo` or `dns` rspamd too. */
export async function startPeer(
  name: string,
  options: {
    folder: string
    tls: boolean
    relayTo: number | undefined
    dns: number | undefined
    onlySigns: boolean
  },
): Promise<MailServer> {
  const { folder, tls, relayTo, dns } = options
  const filters = dns !== undefined
  const signs = relayTo !== undefined || filters
  if (process.getuid?.() !== 0) throw new Error('The peer (Postfix and Dovecot) can only be started by root')
  await run(installer, [...packages, ...(signs ? ['rspamd'] : []), ...(filters ? ['redis-server'] : [])], {
    timeout: 600_000,
  })
  const [
    smtp = 0,
    imap = 0,
    imaps = 0,
    pop3 = 0,
    pop3s = 0,
    lmtp = 0,
    submissions = 0,
    redis = 0,
    http = 0,
    learning = 0,
  ] = await freePorts(10)
  await render(folder, {
    ...postfixFiles({ folder, smtp, lmtp, submissions, relayTo, filters }),
    ...dovecotFiles({ folder, imap, imaps, pop3, pop3s, lmtp }),
    ...(signs
      ? rspamdFiles({ ...options, filtering: filters ? { dns, redis, http, learning } : undefined })
      : {}),
  })
  if (signs) await prepareSigning(folder)

  const inotify = raiseInotifyLimit()
  const programs = {
    dovecot: ['/usr/sbin/dovecot', '-F', '-c', `${folder}/etc/dovecot/dovecot.conf`],
    postfix: ['/usr/sbin/postfix', '-c', `${folder}/etc/postfix`, 'start-fg'],
    ...(filters ? { redis: redisCommand(folder, redis) } : {}),
    ...(signs ? { rspamd: rspamdCommand(folder) } : {}),
  }
  const life = createLife(name, {
    logFolder: join(folder, 'log'),
    patienceMs: 10_000,
    async launch(processes) {
      const started = Object.entries(programs).map(([program, command]) =>
        processes.start(command, { logFile: `${folder}/log/${program}.out` }),
      )
      const alive = (): boolean => started.every((child) => child.exitCode === null)
      await accepting([smtp, imap, imaps, pop3, pop3s, lmtp], 20_000, alive)
      if (signs) await filtering(folder, alive)
    },
  })
  await life.start()
  return {
    name,
    host,
    tls,
    ports: { smtp, submissions, imap, imaps, pop3, pop3s, filter: http, learning },
    get processes() {
      return life.processes()
    },
    startedInMs: life.startedInMs,
    async restart() {
      await life.stop()
      await life.start()
    },
    async stop() {
      await life.stop()
      inotify.restore()
    },
  }
}

async function render(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  // Postfix's programs look at the default configuration even when they are told another
  if (!existsSync('/etc/postfix/main.cf'))
    writeFileSync('/etc/postfix/main.cf', 'compatibility_level = 3.6\n')
  for (const sub of ['postfix/spool', 'postfix/data', 'dovecot', 'mail', 'log', 'tls']) {
    mkdirSync(join(folder, sub), { recursive: true })
  }
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(folder, dirname(path)), { recursive: true })
    writeFileSync(join(folder, path), content)
  }
  chownSync(join(folder, 'mail'), await idOf('-u', 'mail'), await idOf('-g', 'mail'))
  chownSync(join(folder, 'postfix/data'), await idOf('-u', 'postfix'), 0)
  await selfSigned(join(folder, 'tls'))
  const postfix = join(folder, 'etc/postfix')
  for (const map of postfixMaps) await run('postmap', ['-c', postfix, `lmdb:${postfix}/${map}`])
  await run('sievec', [
    '-c',
    join(folder, 'etc/dovecot/dovecot.conf'),
    join(folder, 'etc/dovecot/before.sieve'),
  ])
}

async function prepareSigning(folder: string): Promise<void> {
  mkdirSync(join(folder, 'rspamd'))
  await run('openssl', ['genrsa', '-out', signingKey(folder), '2048'])
  await run('chown', ['-R', '_rspamd:_rspamd', join(folder, 'rspamd')])
}

/** The first start compiles its patterns: until that is over it is slower, and busy with something else. */
async function filtering(folder: string, alive: () => boolean): Promise<void> {
  const log = join(folder, 'rspamd/rspamd.log')
  const giveUpAt = performance.now() + longestCompilingMs
  while (!(existsSync(log) && readFileSync(log, 'utf8').includes('rspamd_worker_hyperscan_ready'))) {
    if (!alive() || performance.now() > giveUpAt) throw new Error('rspamd did not get ready')
    await pause(100)
  }
}

const longestCompilingMs = 180_000

const idOf = async (kind: '-u' | '-g', name: string): Promise<number> =>
  Number((await run('id', [kind, name])).stdout)

async function selfSigned(folder: string): Promise<void> {
  const subject = ['-subj', '/CN=mail.example.test', '-addext', 'subjectAltName=DNS:mail.example.test']
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const out = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')]
  await run('openssl', ['req', '-x509', '-days', '30', ...key, ...subject, ...out])
}

/** Dovecot watches with one inotify instance per idle process; the kernel's usual 128 would make it poll. */
function raiseInotifyLimit(): { restore(): void } {
  const setting = '/proc/sys/fs/inotify/max_user_instances'
  const before = readFileSync(setting, 'utf8').trim()
  const raised = Number(before) < 8192
  if (raised) writeFileSync(setting, '8192')
  return { restore: () => raised && writeFileSync(setting, before) }
}
