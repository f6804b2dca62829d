import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { freePortOffset, standardPorts } from '../../test/support/server.ts'
import { worldZones } from '../load/internet.ts'
import { accounts, domain, password } from './accounts.ts'
import { createLife } from './life.ts'
import type { MailServer } from './mail-server.ts'
import { accepting, host } from './ports.ts'

const run = promisify(execFile)

const here = join(import.meta.dirname, '../..')

/** Homepost as its users start it, from this checkout or another one, with an empty data folder. */
export async function startHomepost(
  name: string,
  options: {
    folder: string
    tls: boolean
    checkout?: string
    profile?: string | undefined
    relayTo?: number | undefined
    dns?: number | undefined
    index?: boolean
  },
): Promise<MailServer> {
  const { folder, tls, checkout = here, profile, relayTo, dns, index = false } = options
  const offset = await freePortOffset()
  const env = {
    ...environment(folder, offset, tls),
    ...(index ? { FULL_TEXT_SEARCH: 'en' } : {}),
    ...(relayTo === undefined ? {} : relaying(relayTo)),
    ...(dns === undefined ? {} : filtering(dns)),
  }
  mkdirSync(join(folder, 'log'), { recursive: true })
  const at = (service: keyof typeof standardPorts): number => standardPorts[service] + offset
  const entry = join(checkout, 'bin/homepost.cjs')
  const profiling =
    profile === undefined ? [] : ['--cpu-prof', '--cpu-prof-interval=500', `--cpu-prof-dir=${profile}`]

  const life = createLife(name, {
    logFolder: join(folder, 'log'),
    patienceMs: 40_000,
    async launch(processes) {
      const server = processes.start([process.execPath, ...profiling, entry, 'serve'], {
        logFile: join(folder, 'log/server.jsonl'),
        env,
        cwd: checkout,
      })
      const ports = [
        at('smtp'),
        at('submission'),
        at('imap'),
        at('pop3'),
        ...(tls ? [at('submissions'), at('imaps'), at('pop3s')] : []),
      ]
      await accepting(ports, 30_000, () => server.exitCode === null)
    },
  })
  await life.start()
  const server: MailServer = {
    name,
    host,
    tls,
    ports: {
      smtp: at('smtp'),
      submissions: at('submissions'),
      imap: at('imap'),
      imaps: at('imaps'),
      pop3: at('pop3'),
      pop3s: at('pop3s'),
      filter: at('antispam'),
      learning: at('antispam'),
    },
    get processes() {
      return life.processes()
    },
    startedInMs: life.startedInMs,
    async restart() {
      await life.stop()
      await life.start()
    },
    stop: life.stop,
    indexed: () => indexed(entry, env),
  }
  try {
    await addAccounts(entry, env, folder)
    if (relayTo !== undefined || dns !== undefined)
      await run(process.execPath, [entry, 'dkim', 'generate', domain], { env })
  } catch (cause) {
    await server.stop()
    throw cause
  }
  return server
}

async function indexed(entry: string, env: NodeJS.ProcessEnv): Promise<void> {
  const began = performance.now()
  while (performance.now() - began < longestIndexingMs) {
    // A version without an index refuses to tell.
    const { stdout } = await run(process.execPath, [entry, 'search', 'status', '--json'], { env }).catch(
      () => ({
        stdout: '{}',
      }),
    )
    if (!(JSON.parse(stdout) as { waiting?: number }).waiting) return
    await pause(1000)
  }
}

const longestIndexingMs = 600_000

/** What one tries out on the runtime: `MALLOC_ARENA_MAX=2 npm run bench -- memory`. What the launcher sets is for that of each checkout. */
const passedOn = /^(NODE_OPTIONS|MALLOC_(?!MMAP_THRESHOLD_))/

const publicPorts = '25,80,110,143,443,465,587,993,995'

/** Everything default but quotas, which nobody has on the other side. Only without TLS may a password cross in the clear. */
function environment(folder: string, offset: number, tls: boolean): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => passedOn.test(name))),
    PATH: process.env['PATH'],
    HOME: folder,
    DATA_DIR: join(folder, 'data'),
    PORT_OFFSET: String(offset),
    BIND_ADDRESS: host,
    DOMAIN: domain,
    HOSTNAMES: `mail.${domain}`,
    TLS_FLAVOR: tls ? 'cert' : 'notls',
    PORTS: publicPorts,
    DEFAULT_QUOTA: '0',
    // The peer asks no DNS; here nobody answers, at once.
    DNS_RESOLVERS: '127.0.0.1@9',
    // The peer has no filter here either.
    ANTISPAM: 'none',
    FULL_TEXT_SEARCH: 'off',
  }
}

const relaying = (port: number): NodeJS.ProcessEnv => ({
  RELAYHOST: `[${host}]:${port}`,
  OUTBOUND_TLS_LEVEL: 'none',
  MESSAGE_RATELIMIT: 'none',
  OUTBOUND_BRAKE: 'none',
})

/** Everything that the filter does by itself; greylisting would measure how long senders wait. */
const filtering = (dns: number): NodeJS.ProcessEnv => ({
  ANTISPAM: 'on',
  GREYLISTING: 'false',
  DNS_RESOLVERS: `${host}@${dns}`,
  DNS_UNVALIDATED: worldZones.join(','),
  PORTS: `${publicPorts},11334`,
  PROXY_PROTOCOL: '25',
  REAL_IP_FROM: host,
})

async function addAccounts(entry: string, env: NodeJS.ProcessEnv, folder: string): Promise<void> {
  const list = join(folder, 'accounts.csv')
  writeFileSync(list, accounts.map((address) => `${address},${password}\n`).join(''), { mode: 0o600 })
  try {
    await run(process.execPath, [entry, 'user', 'add', '--from', list], { env, timeout: 120_000 })
    return
  } catch {
    // a version without the bulk form takes them one by one
  }
  for (const address of accounts) await addAccount(entry, env, address)
}

async function addAccount(entry: string, env: NodeJS.ProcessEnv, address: string): Promise<void> {
  const child = spawn(process.execPath, [entry, 'user', 'add', address, '--password-stdin'], { env })
  child.stdin.end(`${password}\n`)
  const [said, complaint] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (child.exitCode === null) await once(child, 'exit')
  if (child.exitCode !== 0) throw new Error(`homepost user add ${address}: ${said}${complaint}`)
}
