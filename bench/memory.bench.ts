import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openIdle } from './load/idle.ts'
import { fillInbox } from './load/mailbox.ts'
import { type BenchOptions, readOptions } from './measure/options.ts'
import { comparePair, type Row } from './measure/pairs.ts'
import { createReport, type Report } from './measure/report.ts'
import { user } from './server/accounts.ts'
import type { MailServer } from './server/mail-server.ts'
import { onStage } from './server/stage.ts'

const runFile = promisify(execFile)

const owners = 10
const settleMs = 10_000

/** What the server holds in memory when nobody asks anything of it. */
export async function run(args: readonly string[]): Promise<void> {
  const options = readOptions(args)
  const report = createReport('memory', options.json)
  if ('imports'.includes(options.only)) await imports(report)
  if (options.only === 'imports') return
  for (const tls of [true, false]) await atRest({ ...options, tls }, report)
}

async function atRest(options: BenchOptions, report: Report): Promise<void> {
  await onStage(options, async (pair) => {
    const kind = options.tls ? 'TLS' : 'no TLS'
    report.heading(`memory, ${kind}: A ${pair.a.name}, B ${pair.b.name}; ${options.messages} messages`)
    await Promise.all([pair.a, pair.b].map((server) => fill(server, options.messages)))
    report.note(`the whole process tree, ${settleMs / 1000} s after the last request; CPU is per idle second`)
    for (const row of rows(options)) {
      if (row.name.includes(options.only)) report.row(await comparePair(row, pair, options))
    }
  })
}

async function fill(server: MailServer, messages: number): Promise<void> {
  const owned = Array.from({ length: owners }, (_, index) => user(index + 1))
  await Promise.all(owned.map((owner) => fillInbox(server, owner, messages / owners)))
}

/** With TLS all ports are open, so that is how it rests; without, only the connections differ. */
function rows({ connections, tls }: BenchOptions): readonly Row[] {
  const resting = [
    atRestAfter('PSS right after the messages came', async () => undefined),
    atRestAfter('PSS after a restart (110)', (server) => server.restart()),
  ]
  return [
    ...(tls ? resting : []),
    idling(`PSS per idle connection, ${tls ? 'TLS' : 'plain'} (40)`, connections),
  ]
}

function atRestAfter(name: string, first: (server: MailServer) => Promise<void>): Row {
  return {
    name,
    unit: 'MiB',
    better: 'lower',
    rounds: 1,
    async trial(server) {
      await first(server)
      await pause(settleMs)
      const { processes } = server
      return {
        value: processes.pssKib() / 1024,
        operations: settleMs / 1000,
        details: { 'RSS, MiB': processes.rssKib() / 1024, processes: processes.pids().length },
      }
    },
  }
}

function idling(name: string, count: number): Row {
  return {
    name,
    unit: 'KiB',
    better: 'lower',
    rounds: 1,
    async trial(server) {
      // whatever the first connections load for all does not belong to each
      const first = await openIdle(server, { count: 10, owners: 10, firstOwner: 1 })
      await pause(settleMs / 5)
      const before = server.processes.pssKib()
      const idle = await openIdle(server, { count, owners: 50, firstOwner: 41 })
      await pause(settleMs / 2)
      const grown = server.processes.pssKib() - before
      for (const connection of [...first, ...idle]) connection.close()
      return {
        value: grown / count,
        operations: count,
        details: { 'PSS with all, MiB': (before + grown) / 1024 },
      }
    },
  }
}

/**
 * What each package costs that the server loads: the resident set of a fresh Node with it, less that of a bare one.
 * Not PSS: a part of Node itself is shared with whatever other Node runs here, and by how much changes all the time.
 */
async function imports(report: Report): Promise<void> {
  report.heading('memory: RSS per package')
  const bare = await rssAfter('undefined')
  report.figure('bare Node', 'MiB', bare)
  for (const load of loads()) report.figure(load, 'MiB', (await rssAfter(load)) - bare)
}

/** How `src` loads packages, in its own words: a subpath, or `require`, may cost far less than the root. */
function loads(): readonly string[] {
  const root = join(import.meta.dirname, '..')
  const files = globSync('src/**/*.ts', { cwd: root }).filter((file) => !file.endsWith('.test.ts'))
  const sources = files.map((file) => readFileSync(join(root, file), 'utf8'))
  const found = sources.flatMap((source) => [
    ...specifiers(source, /^import (?!type )[^'\n]*'([^'.][^']*)'/gm).map((name) => `import('${name}')`),
    ...specifiers(source, /(?<!typeof )import\('([^'.][^']*)'\)/g).map((name) => `import('${name}')`),
    ...specifiers(source, /\brequire\('([^'.][^']*)'\)/g).map((name) => `require('${name}')`),
  ])
  return [...new Set(found)].sort()
}

const specifiers = (source: string, pattern: RegExp): readonly string[] =>
  [...source.matchAll(pattern)].map(([, name = '']) => name).filter((name) => !name.startsWith('node:'))

async function rssAfter(load: string): Promise<number> {
  const script = `
    const require = process.getBuiltinModule('node:module').createRequire(process.cwd() + '/x.js')
    if (!${JSON.stringify(load)}.includes('reflect-metadata')) await import('reflect-metadata')
    await ${load}
    gc()
    gc()
    const rollup = process.getBuiltinModule('node:fs').readFileSync('/proc/self/smaps_rollup', 'utf8')
    console.log(/^Rss:\\s+(\\d+)/m.exec(rollup)[1])`
  const args = ['--expose-gc', '--input-type=module', '--eval', script]
  const { stdout } = await runFile(process.execPath, args, { cwd: join(import.meta.dirname, '..') })
  return Number(stdout.trim().split('\n').at(-1)) / 1024
}
