import type { Argument, Command, Option } from 'commander'

/** `docs/cli.md`, written from the commands themselves. */
export function cliPage(program: Command): string {
  const commands = leaves(program)
  const groups = Map.groupBy(commands, ({ words }) => words[0] ?? '')
  const sections = [...groups].map(([name, group]) => sectionOf(name, group))
  return `${head}\n${sections.join('\n')}`
}

const head = `# The command line

Every command, its arguments and its options. This page is written from the command table: \`node scripts/cli-page.ts\`.

All commands work on the running server, or on the data folder of a stopped one, and take \`--home\` (the settings of \`npm start\`), \`--config FILE\` and
\`--json\`. In a checkout, write \`npm run -s homepost --\` for \`homepost\`. Exit code: 0 done, 1 refused or failed, 2 wrong settings or arguments. A password
comes from \`--password-stdin\`, \`--password-file FILE\` or a prompt, never from an argument.
`

/** Said once, above. */
const everywhere: ReadonlySet<string> = new Set(['--home', '--config', '--json'])

interface Leaf {
  readonly words: readonly string[]
  readonly made: Command
}

/** Commands that do something: a group counts where it is also a form of its own. */
function leaves(parent: Command, words: readonly string[] = []): Leaf[] {
  return parent.commands.flatMap((made): Leaf[] => {
    const below = [...words, made.name()]
    const isLeaf = made.commands.length === 0 || made.registeredArguments.length > 0
    return [...leaves(made, below), ...(isLeaf ? [{ words: below, made }] : [])]
  })
}

function sectionOf(name: string, group: readonly Leaf[]): string {
  return [`## ${name}`, '', ...group.map(entryOf)].join('\n')
}

function entryOf({ words, made }: Leaf): string {
  const args = made.registeredArguments.map(argumentText)
  const options = made.options.filter(({ long }) => !everywhere.has(long ?? ''))
  const usage = ['homepost', ...words, ...args].join(' ')
  const named = made.registeredArguments.filter(({ description }) => description !== '')
  const rows = [
    ...named.map((argument) => [argumentText(argument), argument.description]),
    ...options.map((option: Option) => [option.flags, option.description]),
  ]
  const list = rows.map(([term = '', meaning = '']) => `* \`${term}\` ${meaning}`)
  const note = made.commands.length > 0 ? 'Mailu’s form of adding one.' : `${made.description()}.`
  return [`### \`${usage}\``, '', note, '', ...(list.length > 0 ? [...list, ''] : [])].join('\n')
}

function argumentText(argument: Argument): string {
  const name = `${argument.name()}${argument.variadic ? '…' : ''}`
  return argument.required ? `<${name}>` : `[${name}]`
}
