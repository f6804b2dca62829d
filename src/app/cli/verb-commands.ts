import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import type { Parameter, Place, Texts, Verb } from '../control/verb.ts'
import { verbs } from '../control/verbs.ts'
import { exitCodes } from '../lifecycle.ts'
import { yesNo } from '../settings/kinds.ts'
import { command, type Globals } from './command.ts'
import { askPassword, type PasswordSource } from './password.ts'
import { runVerb } from './run-verb.ts'
import { say, showAnswer } from './say.ts'
import { settingsOrMistakes } from './settings.ts'

/** A command for each row of the verb table. */
export function addVerbs(program: Command, end: (code: number) => void): void {
  for (const [words, verb] of verbs) {
    const made = command(program, words).description(verb.summary)
    for (const [name, parameter] of Object.entries(verb.takes)) addParameter(made, name, parameter)
    made.action(async () => {
      end(await act(words, verb, made))
    })
  }
}

function addParameter(made: Command, name: string, { place, kind, meaning }: Parameter<unknown>): void {
  switch (place) {
    case 'argument':
    case 'folder':
      made.argument(`<${name}>`, meaning)
      return
    case 'optional argument':
      made.argument(`[${name}]`, meaning)
      return
    case 'rest':
      made.argument(`<${name}...>`, meaning)
      return
    case 'option':
      // `--wildcard` says the same as `--wildcard true`.
      made.option(kind === yesNo ? `--${name} [true|false]` : `--${name} <value>`, meaning)
      return
    case 'file':
      made.option(`--${name} <file>`, meaning)
      return
    case 'password':
      made.option('--password-stdin', 'read the password from standard input')
      made.option('--password-file <file>', 'read the password from a file')
      return
  }
}

async function act(words: string, verb: Verb, made: Command): Promise<number> {
  const options = made.optsWithGlobals<Globals & PasswordSource & Readonly<Record<string, string>>>()
  const read = settingsOrMistakes(options)
  if (read === undefined) return exitCodes.settings
  const texts = await collect(verb, made)
  if (typeof texts === 'string') {
    say.err(`${texts}\n`)
    return exitCodes.settings
  }
  return showAnswer(await runVerb(read.settings, words, verb, texts), options)
}

/** The texts of all parameters that were given, or what is wrong with them. */
async function collect(verb: Verb, made: Command): Promise<Texts | string> {
  const texts: Record<string, string> = {}
  const options = made.optsWithGlobals<PasswordSource & Readonly<Record<string, string | true>>>()
  const left = [...made.args]
  try {
    for (const [name, { place }] of Object.entries(verb.takes)) {
      const value = valueAt(place, left, options[camelCase(name)])
      if (value !== undefined) texts[name] = textAt(place, value)
    }
    if (!('password' in verb.takes) || texts['from'] !== undefined) return texts
    const password = await askPassword(options)
    return password === undefined ? texts : { ...texts, password }
  } catch (cause) {
    return (cause as Error).message
  }
}

function valueAt(place: Place, left: string[], option: string | true | undefined): string | undefined {
  if (place === 'rest') return left.splice(0).join(',')
  return placesInOrder.has(place) ? left.shift() : option?.toString()
}

const placesInOrder: ReadonlySet<Place> = new Set(['argument', 'optional argument', 'folder'])

function textAt(place: Place, value: string): string {
  if (place === 'file') return readFileSync(value, 'utf8')
  return place === 'folder' ? resolve(value) : value
}

/** As commander names an option's value. */
const camelCase = (name: string) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
