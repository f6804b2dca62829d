import type { Command } from 'commander'
import { exitCodes } from '../lifecycle.ts'
import { exampleFile } from '../settings/example.ts'
import { isSecret, type SettingName, settingNames } from '../settings/table.ts'
import { command, type Globals } from './command.ts'
import { say, showAnswer } from './say.ts'
import { settingsOrMistakes } from './settings.ts'

export function addConfigCommands(program: Command, end: (code: number) => void): void {
  const check = command(program, 'config check').description('Tells every mistake in the settings')
  check.action(() => end(checkSettings(check.optsWithGlobals<Globals>())))

  const show = command(program, 'config show').description('Shows every setting, and where it comes from')
  show.action(() => end(showSettings(show.optsWithGlobals<Globals>())))

  command(program, 'config example')
    .description('Prints config/homepost.env.example')
    .action(() => say.out(exampleFile()))
}

function checkSettings(options: Globals): number {
  const read = settingsOrMistakes(options)
  if (!read) return exitCodes.settings
  const lines = ['The settings are good.', ...read.remarks]
  return showAnswer(
    { kind: 'done', text: lines.join('\n'), json: { mistakes: [], remarks: read.remarks } },
    options,
  )
}

function showSettings(options: Globals): number {
  const read = settingsOrMistakes(options)
  if (!read) return exitCodes.settings
  const shown = (name: SettingName) => {
    const value = read.settings[name]
    if (isSecret(name) && value !== undefined) return '<hidden>'
    return typeof value === 'object' ? JSON.stringify(value) : String(value ?? '')
  }
  const rows = settingNames.map((name) => [name, shown(name), read.origins[name]])
  const json = Object.fromEntries(rows.map(([name, value, origin]) => [name, { value, origin }]))
  return showAnswer({ kind: 'table', columns: ['SETTING', 'VALUE', 'FROM'], rows, json }, options)
}
