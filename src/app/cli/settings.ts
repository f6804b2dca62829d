import { resolve } from 'node:path'
import { loadSettings } from '../settings/load.ts'
import type { ReadSettings } from '../settings/read.ts'
import type { Globals } from './command.ts'
import { say } from './say.ts'

type Good = Extract<ReadSettings, { kind: 'settings' }>

/**
 * The settings of this process with an absolute DATA_DIR; undefined after telling every mistake: on stderr, or with --json
 * on stdout.
 */
export function settingsOrMistakes(options: Globals): Good | undefined {
  const read = loadSettings({ home: options.home ?? false, config: options.config })
  if (read.kind === 'settings') {
    return { ...read, settings: { ...read.settings, DATA_DIR: resolve(read.settings.DATA_DIR) } }
  }
  if (options.json) {
    say.out(`${JSON.stringify({ mistakes: read.mistakes })}\n`)
    return undefined
  }
  const count = read.mistakes.length === 1 ? 'One mistake' : `${read.mistakes.length} mistakes`
  say.err(`${count} in the settings:\n${read.mistakes.map((mistake) => `  ${mistake}\n`).join('')}`)
  return undefined
}
