import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** All processes of one server: what they cost, what they hold, and a sure way to end them. */
export type ProcessGroup = {
  /** Starts a process inside the group; both outputs go to `logFile`. */
  readonly start: (command: readonly string[], options: StartOptions) => ChildProcess
  /** CPU used by everything that ever ran in the group, ended processes included. */
  readonly cpuSeconds: () => number
  /** Proportional set size of everything that runs now. */
  readonly pssKib: () => number
  /** Resident set size of the same; shared pages count once per process. */
  readonly rssKib: () => number
  readonly pids: () => number[]
  /** SIGTERM to what was started, SIGKILL to what is left after `patienceMs`. */
  end(patienceMs?: number): Promise<void>
}

type StartOptions = { readonly logFile: string; readonly env?: NodeJS.ProcessEnv; readonly cwd?: string }

/** How a set of processes is counted: by a cgroup where we may make one, else by walking /proc. */
type Counter = {
  readonly wrap: (command: readonly string[]) => readonly string[]
  readonly cpuSeconds: () => number
  readonly pids: () => number[]
  readonly remove: () => void
}

const cgroupRoots = [
  { folder: '/sys/fs/cgroup/cpuacct', read: (group: string) => Number(text(`${group}/cpuacct.usage`)) / 1e9 },
  { folder: '/sys/fs/cgroup', read: usageOfCpuStat },
  { folder: '/sys/fs/cgroup/unified', read: usageOfCpuStat },
]

const clockTicksPerSecond = 100

export function createProcessGroup(name: string): ProcessGroup {
  const leaders: ChildProcess[] = []
  const counter = cgroupCounter(`homepost-bench-${process.pid}-${name}`) ?? treeCounter(leaders)
  return {
    start(command, { logFile, env, cwd }) {
      const [file = '', ...args] = counter.wrap(command)
      const log = openSync(logFile, 'a')
      const child = spawn(file, args, {
        stdio: ['ignore', log, log],
        env: env ?? process.env,
        cwd: cwd ?? '/',
      })
      leaders.push(child)
      return child
    },
    cpuSeconds: counter.cpuSeconds,
    pids: counter.pids,
    pssKib: () => counter.pids().reduce((sum, pid) => sum + rollupOf(pid, 'Pss'), 0),
    rssKib: () => counter.pids().reduce((sum, pid) => sum + rollupOf(pid, 'Rss'), 0),
    async end(patienceMs = 10_000) {
      await endAll(leaders, counter, patienceMs)
      counter.remove()
    },
  }
}

async function endAll(leaders: readonly ChildProcess[], counter: Counter, patienceMs: number): Promise<void> {
  for (const child of leaders) child.kill('SIGTERM')
  const giveUpAt = Date.now() + patienceMs
  while (counter.pids().length > 0 && Date.now() < giveUpAt) await pause(20)
  for (const pid of counter.pids()) signal(pid, 'SIGKILL')
  while (counter.pids().length > 0) await pause(20)
  await Promise.all(leaders.filter((child) => !isOver(child)).map((child) => once(child, 'exit')))
}

const isOver = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error
  }
}

function cgroupCounter(name: string): Counter | undefined {
  for (const { folder, read } of cgroupRoots) {
    const group = join(folder, name)
    if (!makeGroup(group, folder)) continue
    return {
      // the shell moves itself, then becomes the server: no instruction of the server runs outside
      wrap: (command) => ['/bin/sh', '-c', `echo $$ > ${group}/cgroup.procs && exec "$@"`, 'sh', ...command],
      cpuSeconds: () => read(group),
      pids: () => text(`${group}/cgroup.procs`).split('\n').filter(Boolean).map(Number),
      remove: () => existsSync(group) && rmdirSync(group),
    }
  }
  return undefined
}

function makeGroup(group: string, root: string): boolean {
  if (!existsSync(`${root}/cgroup.procs`)) return false
  try {
    mkdirSync(group)
    return existsSync(`${group}/cpuacct.usage`) || existsSync(`${group}/cpu.stat`)
  } catch {
    return false // not ours to write: the next way of counting is tried
  }
}

function usageOfCpuStat(group: string): number {
  return Number(/usage_usec (\d+)/.exec(text(`${group}/cpu.stat`))?.[1] ?? 0) / 1e6
}

function treeCounter(leaders: readonly ChildProcess[]): Counter {
  const startTimes = new Map<number, string>()
  const pids = (): number[] => {
    const running = leaders.filter((child) => !isOver(child)).flatMap((child) => child.pid ?? [])
    // whoever was seen once stays ours when its parent ends before it, unless the number was given away since
    const orphans = [...startTimes]
      .filter(([pid, since]) => since !== 'gone' && startTimeOf(pid) === since)
      .map(([pid]) => pid)
    const all = descendants([...new Set([...running, ...orphans])])
    for (const pid of all) startTimes.set(pid, startTimeOf(pid))
    return all
  }
  return {
    wrap: (command) => command,
    pids,
    // a reaped child is counted in its parent's cutime and cstime
    cpuSeconds: () => pids().reduce((sum, pid) => sum + ticksOf(pid), 0) / clockTicksPerSecond,
    remove: () => undefined,
  }
}

function descendants(roots: readonly number[]): number[] {
  const childrenOf = Map.groupBy(
    readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number),
    (pid) => Number(statFields(pid)[1] ?? 0),
  )
  const found = new Set(roots)
  for (const pid of found) for (const child of childrenOf.get(pid) ?? []) found.add(child)
  return [...found]
}

/** Fields of /proc/PID/stat from the state on: 0 state, 1 parent, 11 utime, 12 stime, 13 cutime, 14 cstime. */
const statFields = (pid: number): string[] =>
  textOrEmpty(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')

const ticksOf = (pid: number): number =>
  statFields(pid)
    .slice(11, 15)
    .reduce((sum, field) => sum + Number(field), 0)

const startTimeOf = (pid: number): string => statFields(pid)[19] ?? 'gone'

function rollupOf(pid: number, field: 'Pss' | 'Rss'): number {
  const line = textOrEmpty(`/proc/${pid}/smaps_rollup`).match(new RegExp(`^${field}:\\s+(\\d+)`, 'm'))
  return Number(line?.[1] ?? 0)
}

const text = (path: string): string => readFileSync(path, 'utf8')

/** A process may end between being listed and being read. */
function textOrEmpty(path: string): string {
  try {
    return text(path)
  } catch {
    return ''
  }
}
