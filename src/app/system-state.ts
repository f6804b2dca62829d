import { readdir, stat, statfs } from 'node:fs/promises'
import { arch, release, totalmem, type } from 'node:os'
import { join, resolve } from 'node:path'
import { performance } from 'node:perf_hooks'
import { openFilesLimit } from '../platform/files.ts'
import type { DirectoryReader } from '../ports/directory-reader.ts'
import type { DnsResolver } from '../ports/dns-resolver.ts'
import type { MailReports } from '../ports/mail-reports.ts'
import type { MessageBytes } from '../ports/message.ts'
import type { MessageScanner } from '../ports/message-scanner.ts'
import type { OutgoingQueue } from '../ports/outgoing-queue.ts'
import type { SpamTeaching } from '../ports/spam-teaching.ts'
import type { PartState, SystemReport, SystemState } from '../ports/system-state.ts'
import { version } from './version.ts'

interface Parts {
  readonly dataDir: string
  readonly admin: Pick<DirectoryReader, 'domains'>
  readonly queue: Pick<OutgoingQueue, 'nextDue'>
  readonly dns: Pick<DnsResolver, 'resolve'>
  /** Why there is none, where there is none. */
  readonly spam: Pick<SpamTeaching, 'status'> | 'off' | 'elsewhere'
  readonly scanner: MessageScanner | undefined
  readonly bytes: MessageBytes
  readonly reports: Pick<MailReports, 'tls'>
  readonly listening: () => SystemReport['listening']
}

const patienceMs = 5_000

/** Looks at this process and its machine, and asks every part something small. */
export function createSystemState(parts: Parts): SystemState {
  return {
    async now() {
      const [disk, files, openFiles, states] = await Promise.all([
        diskOf(parts.dataDir),
        filesIn(parts.dataDir),
        openFilesHere(),
        statesOf(parts),
      ])
      return {
        versions: {
          homepost: version(),
          node: process.versions.node,
          system: `${type()} ${release()} ${arch()}`,
        },
        startedAt: Math.round(performance.timeOrigin),
        memory: { used: process.memoryUsage.rss(), machine: totalmem() },
        openFiles,
        busy: performance.eventLoopUtilization().utilization,
        disk,
        files,
        parts: states,
        listening: parts.listening(),
      }
    },
  }
}

async function diskOf(dataDir: string): Promise<SystemReport['disk']> {
  const { bavail, blocks, bsize } = await statfs(dataDir)
  return { folder: resolve(dataDir), free: bavail * bsize, total: blocks * bsize }
}

/** Databases with what is not yet written back into them. Large bodies have a file each, too many to be looked at. */
async function filesIn(dataDir: string): Promise<SystemReport['files']> {
  const names = (await readdir(dataDir)).filter((name) => /\.db(?:-wal)?$/.test(name))
  const sizes = new Map<string, number>()
  for (const name of names) {
    const bytes = await stat(join(dataDir, name)).then(
      ({ size }) => size,
      () => 0,
    )
    const database = name.replace(/-wal$/, '')
    sizes.set(database, (sizes.get(database) ?? 0) + bytes)
  }
  return [...sizes].map(([name, bytes]) => ({ name, bytes })).sort((one, other) => other.bytes - one.bytes)
}

async function openFilesHere(): Promise<SystemReport['openFiles']> {
  const most = openFilesLimit()
  return most === undefined ? undefined : { used: (await readdir('/proc/self/fd')).length, most }
}

function statesOf({ admin, queue, dns, spam, scanner, bytes, reports }: Parts): Promise<PartState[]> {
  const now = Date.now()
  return Promise.all([
    tried('directory', () => admin.domains()),
    tried('mail', () => queue.nextDue()),
    tried('resolver', () => rootServers(dns, now + patienceMs)),
    typeof spam === 'string' ? untried('spam', spam) : tried('spam', () => spam.status()),
    scanner ? tried('antivirus', () => scanned(scanner, bytes)) : untried('antivirus', 'off'),
    tried('reports', () => reports.tls({ domain: undefined, since: now })),
  ])
}

/** An answer in time is enough; a text is what went wrong. */
async function tried(name: PartState['name'], ask: () => Promise<unknown>): Promise<PartState> {
  const began = performance.now()
  const cut = new AbortController()
  const late = new Promise<string>((done) => {
    const timer = setTimeout(() => done(`no answer within ${patienceMs / 1000} seconds`), patienceMs)
    cut.signal.addEventListener('abort', () => clearTimeout(timer))
  })
  const answer = await Promise.race([late, ask()]).catch((cause: unknown) => String(cause))
  cut.abort()
  const why = typeof answer === 'string' ? answer : ''
  const milliseconds = Math.round(performance.now() - began)
  return { name, state: why === '' ? 'works' : 'fails', milliseconds, why }
}

const untried = (name: PartState['name'], state: 'off' | 'elsewhere'): PartState => ({
  name,
  state,
  milliseconds: 0,
  why: '',
})

async function rootServers(dns: Parts['dns'], deadlineMs: number): Promise<string | undefined> {
  const outcome = await dns.resolve({ name: '.', type: 'NS', deadlineMs })
  if (outcome.kind !== 'later' && outcome.kind !== 'bogus') return undefined
  return outcome.why[0]?.text ?? (outcome.kind === 'later' ? outcome.text : outcome.kind)
}

const harmless = Buffer.from('Subject: Does the scanner answer?\r\n\r\n')

async function scanned(scanner: MessageScanner, bytes: MessageBytes): Promise<string | undefined> {
  const draft = await bytes.begin()
  await bytes.write(draft, harmless)
  const sealed = await bytes.seal(draft)
  if (sealed.kind === 'later') return sealed.text
  const scan = await scanner.scan('system-state', sealed.ref)
  await bytes.release(sealed.ref)
  return scan.kind === 'failed' ? scan.why : undefined
}
