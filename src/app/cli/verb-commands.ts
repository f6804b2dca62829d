import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { buffer as streamBuffer, text as streamText } from 'node:stream/consumers'
import type { Command } from 'commander'
import { type Answer, mistake } from '../control/answer.ts'
import type { Parameter, Place, Texts, Verb } from '../control/verb.ts'
import { verbs } from '../control/verbs.ts'
import { exitCodes } from '../lifecycle.ts'
import { yesNo } from '../settings/kinds.ts'
import type { Settings } from '../settings/table.ts'
import { command, type Globals } from './command.ts'
import { askPassword, type PasswordSource } from './password.ts'
import { runVerb } from './run-verb.ts'
import { showAnswer } from './say.ts'
import { settingsOrMistakes } from './settings.ts'
import { showDocument } from './show-document.ts'

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
    case 'optional rest':
      made.argument(`[${name}...]`, meaning)
      return
    case 'configuration':
    case 'text file':
    case 'message file':
      made.argument(`[${name}]`, meaning)
      return
    case 'flag':
      made.option(`--${name}`, meaning)
      return
    case 'output':
      made.option(`--${name} <file>`, meaning)
      return
    case 'option':
      // `--wildcard` says the same as `--wildcard true`.
      made.option(kind === yesNo ? `--${name} [true|false]` : `--${name} <value>`, meaning)
      return
    case 'file':
      made.option(`--${name} <file>`, meaning)
      return
    case 'mailu':
      made.requiredOption(`--${name} <path>`, meaning)
      return
    case 'password':
    case 'optional password':
      made.option('--password-stdin', 'read the password from standard input')
      made.option('--password-file <file>', 'read the password from a file')
      return
  }
}

/** What a command of the verb table does. */
export async function act(words: string, verb: Verb, made: Command): Promise<number> {
  const options = made.optsWithGlobals<CallOptions>()
  const collected = await collect(verb, made)
  return call({ words, texts: collected }, options)
}

type CallOptions = Globals & PasswordSource & { readonly output?: string; readonly quiet?: true }

interface Call {
  readonly words: string
  readonly texts: Collected
}

/** Asks for the verb and shows the answer; resolves with the exit code. */
export async function call({ words, texts }: Call, options: CallOptions): Promise<number> {
  const read = settingsOrMistakes(options)
  if (read === undefined) return exitCodes.settings
  const answer = texts.kind === 'texts' ? await answerTo(read.settings, words, texts.texts) : texts
  if (options.quiet && answer.kind === 'done') return exitCodes.fine
  return answer.kind === 'document' ? showDocument(answer.sections, options) : showAnswer(answer, options)
}

function answerTo(settings: Settings, words: string, texts: Texts): Promise<Answer> {
  const verb = verbs.get(words)
  if (!verb) throw new Error(`the verb table has no ${words}`)
  return runVerb(settings, words, verb, texts)
}

type Collected = { readonly kind: 'texts'; readonly texts: Texts } | Answer

/** The texts of all parameters that were given, or what is wrong with them. */
async function collect(verb: Verb, made: Command): Promise<Collected> {
  const texts: Record<string, string> = {}
  const options = made.optsWithGlobals<PasswordSource & Readonly<Record<string, string | true>>>()
  const left = [...made.args]
  try {
    for (const [name, { place }] of Object.entries(verb.takes)) {
      const value = valueAt(place, left, options[camelCase(name)])
      if (value === undefined) continue
      const text = await textAt(place, value)
      if (typeof text !== 'string') return text
      texts[name] = text
    }
    const password = await passwordFor(verb, texts, options)
    return { kind: 'texts', texts: password === undefined ? texts : { ...texts, password } }
  } catch (cause) {
    return mistake((cause as Error).message)
  }
}

async function passwordFor(verb: Verb, texts: Texts, options: PasswordSource): Promise<string | undefined> {
  const place = verb.takes['password']?.place
  if (place === undefined || texts['from'] !== undefined || texts['password-hash'] !== undefined)
    return undefined
  const said = options.passwordStdin || options.passwordFile !== undefined
  return place === 'password' || said ? askPassword(options) : undefined
}

function valueAt(place: Place, left: string[], option: string | true | undefined): string | undefined {
  switch (place) {
    case 'rest':
    case 'optional rest':
      return left.length > 0 ? left.splice(0).join(',') : undefined
    case 'argument':
    case 'optional argument':
    case 'folder':
      return left.shift()
    case 'configuration':
    case 'text file':
    case 'message file':
      return left.shift() ?? '-'
    case 'password':
    case 'optional password':
    case 'output':
      return undefined
    case 'option':
    case 'flag':
    case 'file':
    case 'mailu':
      return option?.toString()
  }
}

async function textAt(place: Place, value: string): Promise<string | Answer> {
  switch (place) {
    case 'file':
      return readFileSync(value, 'utf8')
    case 'text file':
      return value === '-' ? await streamText(process.stdin) : readFileSync(value, 'utf8')
    case 'message file':
      return (await messageIn(value)).toString('base64')
    case 'folder':
      return resolve(value)
    case 'configuration':
      return configurationText(value)
    case 'mailu':
      return mailuText(value)
    case 'argument':
    case 'optional argument':
    case 'rest':
    case 'optional rest':
    case 'option':
    case 'flag':
    case 'password':
    case 'optional password':
    case 'output':
      return value
  }
}

/** What a filter looks at of a large message. */
const messageOctets = 1_048_576

/** Lines of a file may end as those of this machine do. */
async function messageIn(path: string): Promise<Buffer> {
  const read = path === '-' ? await streamBuffer(process.stdin) : readFileSync(path)
  const begin = read.subarray(0, messageOctets)
  return begin.includes('\r\n')
    ? begin
    : Buffer.from(begin.toString('latin1').replaceAll('\n', '\r\n'), 'latin1')
}

/** Read here and not by the server, which has better things to do than to parse YAML. */
export async function configurationText(path: string): Promise<string | Answer> {
  const { readYaml } = await import('./yaml.ts')
  const read = readYaml(path === '-' ? await streamText(process.stdin) : readFileSync(path, 'utf8'))
  return read.kind === 'node' ? JSON.stringify(read.node) : mistake(read.mistakes.join('\n'))
}

/** Read here and not by the server: it may not see the path, and a damaged file keeps it from nothing. */
async function mailuText(path: string): Promise<string | Answer> {
  const { readMailu } = await import('../import-mailu/read-mailu.ts')
  const found = readMailu(path)
  return found.kind === 'read' ? JSON.stringify(found.installation) : found
}

/** As commander names an option's value. */
const camelCase = (name: string) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase())
