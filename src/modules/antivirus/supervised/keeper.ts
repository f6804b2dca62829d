import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { replaceFile } from '../../../platform/files.ts'
import type { Log } from '../../../ports/runtime.ts'
import { withFewRights } from './programs.ts'

interface Kept {
  readonly name: string
  /** An absolute path and what follows it; the last word names our own configuration, and nobody else's program has it. */
  readonly command: readonly string[]
  readonly folder: string
  readonly log: Log
}

const firstPauseMs = 1000
const longestPauseMs = 60_000
/** One that ran so long was all right; the next pause is a short one again. */
const goodRunMs = 60_000
const patienceMs = 10_000

/** Keeps one program running: started again when it ends, with longer and longer pauses. */
export class Keeper {
  readonly #kept: Kept
  readonly #stopping = new AbortController()
  #child: ChildProcess | undefined
  #running: Promise<void> = Promise.resolve()

  constructor(kept: Kept) {
    this.#kept = kept
  }

  /** Resolves when what an earlier life of ours has left behind is gone. */
  async start(): Promise<void> {
    await this.#endLeftover()
    this.#running = this.#run()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    const child = this.#child
    if (child) await end(child)
    await this.#running
    rmSync(this.#pidFile, { force: true })
  }

  get #pidFile(): string {
    return join(this.#kept.folder, `${this.#kept.name}.pid`)
  }

  async #run(): Promise<void> {
    const { name, log } = this.#kept
    let pauseMs = firstPauseMs
    while (!this.#stopping.signal.aborted) {
      const began = performance.now()
      const code = await this.#once()
      if (this.#stopping.signal.aborted) return
      if (performance.now() - began > goodRunMs) pauseMs = firstPauseMs
      log.warn('antivirus.ended', { program: name, code, againInSeconds: pauseMs / 1000 })
      await sleep(pauseMs, undefined, { signal: this.#stopping.signal }).catch(() => undefined)
      pauseMs = Math.min(longestPauseMs, pauseMs * 2)
    }
  }

  /** One life of the program. */
  async #once(): Promise<string> {
    const { name, command, folder, log } = this.#kept
    const [program = '', ...args] = withFewRights(command)
    const child = spawn(program, args, {
      cwd: folder,
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: folder, TMPDIR: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child = child
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', (text) => this.#say(text))
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(String(signal ?? code)))
      child.once('error', (cause) => resolve(cause.message))
    })
    if (child.pid !== undefined) {
      log.info('antivirus.started', { program: name, pid: child.pid })
      await replaceFile(this.#pidFile, `${child.pid}\n`)
    }
    // Told to go while it was being started.
    if (this.#stopping.signal.aborted) await end(child)
    const code = await ended
    this.#child = undefined
    return code
  }

  #say(text: string): void {
    const { name, log } = this.#kept
    const fields = { program: name, text: text.slice(0, 500) }
    if (/^(?:error|warning)\b|\berror:/i.test(text)) log.warn('antivirus.said', fields)
    else log.debug('antivirus.said', fields)
  }

  async #endLeftover(): Promise<void> {
    const pid = this.#leftover()
    if (pid === undefined) return
    this.#kept.log.warn('antivirus.leftover', { program: this.#kept.name, pid })
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      process.kill(pid, signal)
      for (let waited = 0; waited < patienceMs; waited += 100) {
        if (this.#leftover() !== pid) return
        await sleep(100)
      }
    }
  }

  /** The number may be another program's by now. */
  #leftover(): number | undefined {
    try {
      const pid = Number(readFileSync(this.#pidFile, 'utf8'))
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      return words.includes(this.#kept.command.at(-1) ?? '\0') ? pid : undefined
    } catch {
      return undefined
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  const killing = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  await gone
  clearTimeout(killing)
}
