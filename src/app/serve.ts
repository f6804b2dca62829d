import { flushCompileCache } from 'node:module'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { systemClock } from '../platform/clock.ts'
import { makeFolder } from '../platform/files.ts'
import { lockFolder } from '../platform/folder-lock.ts'
import { createLog, standardOutput } from '../platform/log.ts'
import { createMeter } from '../platform/meter.ts'
import type { Log } from '../ports/runtime.ts'
import { accountNotice, banner } from './banner.ts'
import { say } from './cli/say.ts'
import { settingsOrMistakes } from './cli/settings.ts'
import { exitCodes, Lifecycle, startFailure } from './lifecycle.ts'
import { readOverrides } from './overrides.ts'
import type { Settings } from './settings/table.ts'
import * as t from './tokens.ts'

/** A server before this one may still be draining. */
const lockWaitMs = 2_000

/** `homepost serve`: runs until SIGTERM, SIGINT or a bug; resolves with the exit code. */
export async function serve(args: readonly string[]): Promise<number> {
  const options = readOptions(args)
  const read = options && settingsOrMistakes(options)
  if (!options || !read) return exitCodes.settings
  const { settings, remarks } = read
  const log = createLog({ level: settings.LOG_LEVEL, pretty: process.stdout.isTTY, out: standardOutput() })
  endOnBugs(log)
  for (const remark of remarks) log.warn('settings.remark', { remark })
  for (const override of readOverrides(join(settings.DATA_DIR, 'overrides')))
    log.warn('overrides.unread', { ...override })
  try {
    makeFolder(resolve(settings.DATA_DIR))
    const lock = lockFolder(settings.DATA_DIR, lockWaitMs)
    if (lock.kind === 'taken') {
      say.err(`${settings.DATA_DIR} is in use by ${lock.by}. Stop that one, or say another DATA_DIR.\n`)
      return exitCodes.data
    }
    return await run(settings, options.home ?? false, log)
  } catch (cause) {
    const { code, text } = startFailure(cause)
    if (code === exitCodes.bug) log.error('server.cannot-start', cause)
    else log.warn('server.cannot-start', { exit_code: code })
    say.err(`Homepost cannot start: ${text}\n`)
    return code
  }
}

async function run(settings: Settings, home: boolean, log: Log): Promise<number> {
  const started = performance.now()
  // Only now: settings are checked, and the folder is ours, before anything else is loaded.
  const { compose } = await import('./compose.ts')
  let lifecycle: Lifecycle | undefined
  const container = compose({
    settings,
    home,
    log,
    meter: createMeter(),
    ready: () => lifecycle?.ready() ?? false,
  })
  lifecycle = new Lifecycle({ services: container.get(t.services), log, clock: systemClock })
  const asked = untilAskedToEnd(log)
  const firstStart = container.get(t.firstStart)
  try {
    await lifecycle.start()
  } catch (cause) {
    const admin = firstStart.made()
    // The account exists although a port is taken, and its password is told only at this start.
    if (admin) say.out(accountNotice(admin))
    throw cause
  }
  if (home) say.out(banner(settings, firstStart.made()))
  log.info('server.ready', { after_ms: Math.round(performance.now() - started), data: settings.DATA_DIR })
  // Now, because a server that is killed writes no cache when it ends.
  flushCompileCache()
  await asked
  await lifecycle.end()
  log.info('server.ended')
  return exitCodes.fine
}

function readOptions(args: readonly string[]): { home?: true; config?: string } | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: { home: { type: 'boolean' }, config: { type: 'string' } },
    })
    return {
      ...(values.home && { home: true }),
      ...(values.config !== undefined && { config: values.config }),
    }
  } catch (cause) {
    say.err(`${(cause as Error).message}\n(homepost serve --help tells what it takes)\n`)
    return undefined
  }
}

/** npm passes a signal on that the terminal has sent us already: the second one means the same. */
function untilAskedToEnd(log: Log): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        log.info('server.ending', { signal })
        resolve()
      })
    }
  })
}

function endOnBugs(log: Log): void {
  process.on('uncaughtException', (cause) => {
    log.error('server.bug', cause)
    process.exit(exitCodes.bug)
  })
  process.on('unhandledRejection', (cause) => {
    log.error('server.bug', cause)
    process.exit(exitCodes.bug)
  })
}
