import type { Argument, CommandNode, Script, TestNode } from './ast.ts'

/** A script as text that reads as the same script. */
export function printScript({ commands }: Script): string {
  return commands.map((command) => printCommand(command, '')).join('')
}

function printCommand(command: CommandNode, indent: string): string {
  const head = `${command.rule === undefined ? '' : `${indent}# rule:[${command.rule}]\n`}${indent}${printTest(command)}`
  if (command.block === undefined) return `${head};\n`
  const inner = command.block.map((one) => printCommand(one, `${indent}  `)).join('')
  return `${head} {\n${inner}${indent}}\n`
}

/** One test, or the head of a command, on one line. */
export function printTest(test: TestNode): string {
  const words = [test.name, ...test.arguments.map(printArgument)]
  const tests = test.tests.map(printTest)
  if (test.isTestList) words.push(`(${tests.join(', ')})`)
  else words.push(...tests)
  return words.join(' ')
}

function printArgument(argument: Argument): string {
  switch (argument.kind) {
    case 'tag':
      return `:${argument.name}`
    case 'number':
      return String(BigInt(argument.value))
    case 'string':
      return quote(argument.text)
    case 'strings':
      return `[${argument.items.map(({ text }) => quote(text)).join(', ')}]`
  }
}

const quote = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`
