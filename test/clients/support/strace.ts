import { readFileSync } from 'node:fs'

/** What matters for durability, in the order the kernel saw it. */
export type Event =
  | { readonly kind: 'write'; readonly path: string }
  | { readonly kind: 'synced'; readonly path: string }
  | { readonly kind: 'renamed'; readonly to: string }
  | { readonly kind: 'said'; readonly text: string }

export const straceCommand = (file: string): readonly string[] => [
  'strace',
  '-f',
  '--seccomp-bpf',
  '-yy',
  '-s',
  '80',
  '-e',
  'trace=write,writev,pwrite64,pwritev,sendto,sendmsg,fsync,fdatasync,rename,renameat,renameat2',
  '-o',
  file,
]

const call = /^(\d+)\s+(\w+)\((.*)$/
const resumed = /^(\d+)\s+<\.\.\. (\w+) resumed>/

/**
 * Reads a trace. A sync counts from the moment it has returned, a write from the moment it began: so an answer that goes
 * out while its sync is still running is seen as too early.
 */
export function readTrace(file: string): Event[] {
  const events: Event[] = []
  const running = new Map<string, string>()
  for (const line of readFileSync(file, 'latin1').split('\n')) {
    const back = resumed.exec(line)
    if (back) {
      const [, pid = '', name = ''] = back
      const path = running.get(pid)
      running.delete(pid)
      if (path !== undefined && name.endsWith('sync') && line.endsWith('= 0'))
        events.push({ kind: 'synced', path })
      continue
    }
    const [, pid = '', name = '', rest = ''] = call.exec(line) ?? []
    const event = eventOf(name, rest)
    if (event?.kind === 'synced' && rest.includes('<unfinished')) running.set(pid, event.path)
    else if (event) events.push(event)
  }
  return events
}

function eventOf(name: string, rest: string): Event | undefined {
  const target = /^\d+<(.*?)>[,)\s]/.exec(rest)?.[1] ?? ''
  if (name.startsWith('rename')) return { kind: 'renamed', to: /"([^"]*)"[^"]*$/.exec(rest)?.[1] ?? '' }
  if (name.endsWith('sync')) return { kind: 'synced', path: target }
  if (target.startsWith('TCP')) return { kind: 'said', text: /"(.*)"/.exec(rest)?.[1] ?? '' }
  return target.startsWith('/') ? { kind: 'write', path: target } : undefined
}
