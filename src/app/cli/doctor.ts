import { X509Certificate } from 'node:crypto'
import { accessSync, constants, existsSync, readFileSync, statfsSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import type { Command } from 'commander'
import { askHealth, askServer } from '../control/client.ts'
import { exitCodes } from '../lifecycle.ts'
import { openListeners } from '../listeners.ts'
import { certificateFiles } from '../settings/certificate-part.ts'
import type { Settings } from '../settings/table.ts'
import { command, type Globals } from './command.ts'
import { showAnswer } from './say.ts'
import { settingsOrMistakes } from './settings.ts'

interface Finding {
  readonly what: string
  readonly state: 'good' | 'note' | 'bad'
  readonly text: string
}

type Check = (settings: Settings, running: boolean) => Finding[] | Promise<Finding[]>

/** What the doctor looks at, in this order. */
const checks: readonly Check[] = [
  checkFolder,
  checkPorts,
  checkCertificate,
  checkFileLimit,
  checkRoom,
  checkScripts,
]

export function addDoctor(program: Command, end: (code: number) => void): void {
  const made = command(program, 'doctor').description('Looks for what would stop the server or harm it')
  made.action(async () => {
    const options = made.optsWithGlobals<Globals>()
    const read = settingsOrMistakes(options)
    if (!read) return end(exitCodes.settings)
    end(await examine(read.settings, read.remarks, options))
  })
}

async function examine(settings: Settings, remarks: readonly string[], options: Globals): Promise<number> {
  const health = await askHealth(settings.DATA_DIR)
  const running = health.kind === 'answered'
  const server: Finding = { what: 'server', state: 'good', text: lifeOf(health) }
  const findings: Finding[] = [
    server,
    ...remarks.map((text): Finding => ({ what: 'settings', state: 'note', text })),
  ]
  for (const check of checks) findings.push(...(await check(settings, running)))
  const rows = findings.map(({ what, state, text }) => [state, what, text])
  showAnswer({ kind: 'table', columns: ['STATE', 'WHAT', 'FINDING'], rows, json: findings }, options)
  return findings.some(({ state }) => state === 'bad') ? exitCodes.bug : exitCodes.fine
}

function lifeOf(health: Awaited<ReturnType<typeof askHealth>>): string {
  if (health.kind === 'no server') return 'does not run'
  return health.answer.kind === 'done' ? 'runs and is ready' : 'runs, and is not ready'
}

function checkFolder({ DATA_DIR }: Settings): Finding[] {
  const what = 'data folder'
  if (!existsSync(DATA_DIR))
    return [{ what, state: 'note', text: `${DATA_DIR} does not exist yet: the server makes it` }]
  try {
    accessSync(DATA_DIR, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch {
    return [{ what, state: 'bad', text: `${DATA_DIR} cannot be read and written by this user` }]
  }
  const open = (statSync(DATA_DIR).mode & 0o007) !== 0
  return [
    open
      ? {
          what,
          state: 'note',
          text: `${DATA_DIR} can be read by everybody on this machine: chmod 700 keeps mail private`,
        }
      : { what, state: 'good', text: DATA_DIR },
  ]
}

async function checkPorts(settings: Settings, running: boolean): Promise<Finding[]> {
  const listeners = openListeners(settings)
  if (running)
    return [
      {
        what: 'ports',
        state: 'good',
        text: `held by the running server: ${listeners.map(({ port }) => port).join(', ')}`,
      },
    ]
  const findings = await Promise.all(
    listeners.map(async ({ name, host, port }): Promise<Finding> => {
      const trouble = await tryPort(host, port)
      const what = `port ${port}`
      if (trouble === undefined) return { what, state: 'good', text: `free for ${name} on ${host}` }
      // The server goes on without it as well.
      if (host === '::' && (trouble === 'EAFNOSUPPORT' || trouble === 'EADDRNOTAVAIL'))
        return { what, state: 'note', text: `${name} is not offered on ::, because this machine has no IPv6` }
      return { what, state: 'bad', text: `${name} on ${host}: ${portTrouble[trouble] ?? trouble}` }
    }),
  )
  return findings
}

const portTrouble: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program has it; stop that, or choose another PORT_OFFSET',
  EACCES: 'this user may not open it; choose a PORT_OFFSET, or lower net.ipv4.ip_unprivileged_port_start',
  EADDRNOTAVAIL: 'this machine has no such address; look at BIND_ADDRESS',
}

function tryPort(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (cause: NodeJS.ErrnoException) => resolve(cause.code ?? cause.message))
    server.listen({ host, port, ipv6Only: true }, () => server.close(() => resolve(undefined)))
  })
}

const dayMs = 24 * 3600 * 1000

function checkCertificate(settings: Settings): Finding[] {
  const what = 'certificate'
  if (settings.TLS_FLAVOR === 'notls')
    return [{ what, state: 'note', text: 'TLS_FLAVOR=notls: nothing is encrypted' }]
  const paths = certificateFiles(settings)
  const there = paths.filter((path) => existsSync(path))
  if (there.length === 0)
    return [
      {
        what,
        state: 'note',
        text: `no ${paths[0]}: a self-signed certificate serves; "homepost certificates status" tells more`,
      },
    ]
  return there.map((path) => certificateFinding(path))
}

function certificateFinding(path: string): Finding {
  const what = 'certificate'
  try {
    const { validTo } = new X509Certificate(readFileSync(path))
    const days = Math.floor((Date.parse(validTo) - Date.now()) / dayMs)
    if (days < 0) return { what, state: 'bad', text: `${path} ended on ${validTo}` }
    return { what, state: days < 14 ? 'note' : 'good', text: `${path} is good for ${days} days` }
  } catch (cause) {
    return { what, state: 'bad', text: `${path} cannot be read: ${(cause as Error).message}` }
  }
}

/** Each connection is a file to the system. */
const enoughFiles = 4096

function checkFileLimit(): Finding[] {
  const what = 'open files'
  if (!existsSync('/proc/self/limits')) return []
  const limit = Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1])
  if (limit >= enoughFiles) return [{ what, state: 'good', text: `up to ${limit}` }]
  return [
    {
      what,
      state: 'note',
      text: `up to ${limit}: enough for some ${limit - 200} connections; "ulimit -n 65536" raises it`,
    },
  ]
}

const littleRoom = 1e9

function checkRoom({ DATA_DIR }: Settings): Finding[] {
  const what = 'disk'
  if (!existsSync(DATA_DIR)) return []
  const { bavail, bsize } = statfsSync(DATA_DIR)
  const free = bavail * bsize
  const text = `${(free / 1e9).toFixed(1)} GB free`
  return [{ what, state: free < littleRoom ? 'bad' : 'good', text }]
}

/** Only the running server has them open. */
async function checkScripts({ DATA_DIR }: Settings, running: boolean): Promise<Finding[]> {
  if (!running) return []
  const asked = await askServer(DATA_DIR, 'sieve problems', {})
  if (asked.kind !== 'answered' || asked.answer.kind !== 'table') return []
  const { rows } = asked.answer
  const what = 'Sieve scripts'
  if (rows.length === 0) return [{ what, state: 'good', text: 'all active ones work' }]
  const [user = '', script = '', problem = ''] = rows[0] ?? []
  const more = rows.length > 1 ? ` and ${rows.length - 1} more; "homepost sieve problems" lists them` : ''
  return [{ what, state: 'bad', text: `${user}: ${script}: ${problem}${more}` }]
}
