import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { versionOf } from '../../../src/modules/antivirus/clamd/instream.ts'
import { eicar } from '../../support/clamd.ts'
import { freePort } from './far-servers.ts'

export interface RealClamd {
  readonly port: number
  readonly socket: string
  /** A folder with one signature file, which knows EICAR: no download here. */
  readonly signatures: string
  start(): Promise<void>
  stop(): Promise<void>
  /** Stops it and forgets it. */
  remove(): Promise<void>
}

/** Stands for a program that is no virus, and that nobody wants. */
export const unwanted = 'this program shows more than anybody asked for'

/** A folder that is clamd's database: EICAR anywhere in a file of any kind, and something potentially unwanted. */
export function writeSignatures(folder: string): void {
  const hex = (text: string) => Buffer.from(text, 'latin1').toString('hex')
  writeFileSync(join(folder, 'test.ndb'), `Eicar-Test-Signature:0:*:${hex(eicar)}\n`)
  writeFileSync(join(folder, 'test.ndu'), `PUA.Test.Unwanted:0:*:${hex(unwanted)}\n`)
}

/** Debian's clamd, in the foreground, with a configuration of its own. */
export async function realClamd(): Promise<RealClamd> {
  const folder = mkdtempSync(join(tmpdir(), 'clamd-'))
  // It may give its rights up for those of a user of its own.
  chmodSync(folder, 0o755)
  writeSignatures(folder)
  const port = await freePort()
  const socket = join(folder, 'clamd.sock')
  const configuration = join(folder, 'clamd.conf')
  writeFileSync(
    configuration,
    [
      'Foreground yes',
      `DatabaseDirectory ${folder}`,
      `LocalSocket ${socket}`,
      'TCPAddr 127.0.0.1',
      `TCPSocket ${port}`,
      'StreamMaxLength 4M',
      'DetectPUA yes',
      '',
    ].join('\n'),
  )
  let child: ChildProcess | undefined
  const stop = async () => {
    const running = child
    child = undefined
    if (!running || running.exitCode !== null) return
    const gone = new Promise((resolve) => running.once('exit', resolve))
    running.kill('SIGTERM')
    await gone
  }
  return {
    port,
    socket,
    signatures: folder,
    async start() {
      child = spawn('/usr/sbin/clamd', ['--config-file', configuration], { stdio: 'ignore' })
      for (const until = Date.now() + 60_000; Date.now() < until; await sleep(100))
        if (await versionOf({ kind: 'tcp', host: '127.0.0.1', port }, 1000)) return
      throw new Error('clamd did not start')
    },
    stop,
    async remove() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
