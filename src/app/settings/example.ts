import { type SettingName, settingNames, table } from './table.ts'
import { notYetUsed } from './unused.ts'

const head = `# Settings of Homepost. Copy this file to config/homepost.env and change what you need: every line here is the
# standard value (\`npm start\` has its own for some; \`homepost config show\` tells them). The environment wins over this file, and
# NAME_FILE=path (the file's content is the value) over both. A mailu.env can be used as it is.
#
# This file is printed by: homepost config example
`

/** The text of config/homepost.env.example. */
export function exampleFile(): string {
  const rows = settingNames.map((name) => `\n# ${meaningOf(name)}\n#${name}=${table[name].standard}\n`)
  const later = wrap(
    `Mailu's settings that are taken, and will be obeyed by later versions: ${notYetUsed.join(' ')}`,
  )
  return `${head}${rows.join('')}\n${later}\n`
}

function meaningOf(name: SettingName): string {
  const { kind, meaning } = table[name]
  return kind.expected === 'a text' ? `${meaning}.` : `${meaning} (${kind.expected}).`
}

function wrap(text: string): string {
  return text.replace(/(.{1,108})(?: |$)/g, '# $1\n').trimEnd()
}
