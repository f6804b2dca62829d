import { writeFileSync } from 'node:fs'
import { makeFolder } from '../../../platform/files.ts'
import type { Log, Service } from '../../../ports/runtime.ts'
import { clamdConfiguration, freshclamConfiguration, type ScannerFolder } from './configuration.ts'
import { Keeper } from './keeper.ts'
import { findProgram } from './programs.ts'

export interface SupervisedParts {
  readonly at: ScannerFolder
  /** How long a message may be. */
  readonly messageOctets: number
  readonly log: Log
}

/** clamd and freshclam of our own, as long as we live. Where they are not installed, mail waits, and the log says why. */
export function supervisedService({ at, messageOctets, log }: SupervisedParts): Service {
  const keepers: Keeper[] = []
  const keep = async (name: string, words: readonly string[], configuration: string) => {
    const program = findProgram(name)
    if (program === undefined) {
      log.warn('antivirus.not-installed', { program: name, text: `install ${name}, or set ANTIVIRUS=none` })
      return
    }
    const command = [program, ...words, `--config-file=${configuration}`]
    const keeper = new Keeper({ name, command, folder: at.folder, log })
    keepers.push(keeper)
    await keeper.start()
  }
  return {
    name: 'antivirus',
    async start() {
      makeFolder(at.signatures)
      writeFileSync(at.clamd, clamdConfiguration(at, messageOctets), { mode: 0o600 })
      writeFileSync(at.freshclam, freshclamConfiguration(at), { mode: 0o600 })
      await keep('clamd', [], at.clamd)
      await keep('freshclam', ['--daemon', '--foreground'], at.freshclam)
    },
    drain: async () => undefined,
    async stop() {
      await Promise.all(keepers.map((keeper) => keeper.stop()))
    },
  }
}
