import type { Answer } from '../control/answer.ts'
import { columns } from '../control/columns.ts'
import { exitCodes } from '../lifecycle.ts'

/** What the command line says: answers on stdout, what went wrong on stderr. */
export const say = {
  out: (text: string) => void process.stdout.write(text),
  err: (text: string) => void process.stderr.write(text),
}

/** Shows an answer to people, or with --json to machines; returns the exit code. */
export function showAnswer(answer: Answer, { json }: { readonly json?: true | undefined }): number {
  if (json) say.out(`${JSON.stringify(machineForm(answer))}\n`)
  else showPeople(answer)
  switch (answer.kind) {
    case 'done':
    case 'table':
    case 'document':
      return exitCodes.fine
    case 'refused':
      return exitCodes.bug
    case 'mistake':
      return exitCodes.settings
    case 'unusable':
      return exitCodes.data
  }
}

function showPeople(answer: Answer): void {
  switch (answer.kind) {
    case 'table':
      say.out(table([answer.columns, ...answer.rows]))
      return
    case 'done':
      say.out(`${answer.text}\n`)
      return
    case 'document':
      // As YAML: show-document.ts, which loads what writes it.
      say.out(`${JSON.stringify(answer.sections)}\n`)
      return
    case 'refused':
    case 'mistake':
    case 'unusable':
      say.err(`${answer.text}\n`)
      return
  }
}

function machineForm(answer: Answer): unknown {
  switch (answer.kind) {
    case 'table':
      return answer.json
    case 'document':
      return answer.sections
    case 'done':
      return answer.json ?? { result: answer.text }
    case 'refused':
      return { refused: answer.text, ...objectOf(answer.json) }
    case 'mistake':
      return { mistake: answer.text }
    case 'unusable':
      return { unusable: answer.text }
  }
}

const objectOf = (json: unknown) => (typeof json === 'object' ? json : {})

const table = (rows: readonly (readonly (string | number | boolean)[])[]): string =>
  columns(rows.map((row) => row.map(cell)))
    .map((line) => `${line}\n`)
    .join('')

function cell(value: string | number | boolean): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  // What strangers wrote must not steer the terminal.
  return String(value).replaceAll(/\p{Cc}/gu, '\ufffd')
}
