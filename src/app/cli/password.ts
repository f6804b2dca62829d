import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'

export interface PasswordSource {
  readonly passwordStdin?: true
  readonly passwordFile?: string
}

/** From stdin, a file, or a prompt on a terminal; undefined where there is none of them. Never from an argument. */
export async function askPassword(source: PasswordSource): Promise<string | undefined> {
  if (source.passwordFile !== undefined) return withoutLineEnd(readFileSync(source.passwordFile, 'utf8'))
  // Not by readFileSync: it fails where the other end of the pipe is slower than we are.
  if (source.passwordStdin) return withoutLineEnd(await text(process.stdin))
  if (!process.stdin.isTTY) return undefined
  const first = await prompt('Password: ')
  if (first === '') return undefined
  return (await prompt('Once more: ')) === first ? first : askAgain(source)
}

function askAgain(source: PasswordSource): Promise<string | undefined> {
  process.stderr.write('These were not the same.\n')
  return askPassword(source)
}

const withoutLineEnd = (text: string) => text.replace(/\r?\n$/, '')

/** Reads a line from the terminal: what readline would show goes nowhere. */
async function prompt(question: string): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: nowhere, terminal: true })
  lines.once('SIGINT', () => process.exit(130))
  const typed = await lines.question('')
  lines.close()
  process.stderr.write('\n')
  return typed
}
