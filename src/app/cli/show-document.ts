import { writeFileSync } from 'node:fs'
import { exitCodes } from '../lifecycle.ts'
import { say } from './say.ts'

interface Shown {
  readonly json?: true
  readonly output?: string
}

/** A file of ours may hold secrets: only its owner reads it. */
export async function showDocument(
  sections: Readonly<Record<string, unknown>>,
  { json, output = '-' }: Shown,
): Promise<number> {
  const text = json ? `${JSON.stringify(sections)}\n` : await yamlOf(sections)
  if (output === '-') {
    say.out(text)
    return exitCodes.fine
  }
  try {
    writeFileSync(output, text, { mode: 0o600 })
    return exitCodes.fine
  } catch (cause) {
    say.err(`${output} cannot be written: ${(cause as Error).message}\n`)
    return exitCodes.bug
  }
}

async function yamlOf(sections: Readonly<Record<string, unknown>>): Promise<string> {
  const { writeYaml } = await import('./yaml.ts')
  return writeYaml(sections)
}
