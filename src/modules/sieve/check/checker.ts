import type { Argument, CommandNode, Position, Problem, Script, TestNode } from '../grammar/ast.ts'
import { printTest } from '../grammar/print.ts'
import {
  type Checked,
  type Checking,
  type CommandSpec,
  constantsOf,
  type Language,
  type TestSpec,
} from '../language/spec.ts'
import { ArgumentReader } from './arguments.ts'

export interface CheckResult {
  readonly block: readonly Checked[]
  readonly errors: readonly Problem[]
  readonly warnings: readonly Problem[]
  readonly extensions: readonly string[]
  /** Names that `include` wants; the compiler finds them. */
  readonly includes: readonly { readonly node: Checked; readonly at: Position }[]
}

const mostProblems = 50
/** Instructions of all expressions: what takes about a tenth of a second to read. */
const heaviest = 500_000

/** Holds a script against the table: what is unknown, not required, misplaced or of the wrong kind. RFC 5228 §2.10.5. */
export function checkScript<M>(script: Script, language: Language<M>): CheckResult {
  const checker = new Checker(language)
  const block = checker.script(script)
  return { block, errors: checker.errors, warnings: checker.warnings, ...checker.found() }
}

class Checker<M> implements Checking {
  readonly errors: Problem[] = []
  readonly warnings: Problem[] = []
  readonly within: Checked[] = []
  readonly globals = new Set<string>()
  readonly #language: Language<M>
  #weight = 0
  readonly #required = new Set<string>()
  readonly #includes: { node: Checked; at: Position }[] = []

  constructor(language: Language<M>) {
    this.#language = language
  }

  found() {
    return { extensions: [...this.#required].sort(), includes: this.#includes }
  }

  has(extension: string): boolean {
    return this.#required.has(extension)
  }

  error(at: Position, message: string): void {
    if (this.errors.length < mostProblems) this.errors.push({ at, message })
  }

  warn(at: Position, message: string): void {
    if (this.warnings.length < mostProblems) this.warnings.push({ at, message })
  }

  weigh(instructions: number): void {
    const before = this.#weight
    this.#weight += instructions
    if (before <= heaviest && this.#weight > heaviest) {
      this.error({ line: 1, column: 1 }, 'the regular expressions of the script are too large together')
    }
  }

  script({ commands }: Script): Checked[] {
    const first = commands.findIndex(({ name }) => name !== 'require')
    const requires = first < 0 ? commands : commands.slice(0, first)
    for (const command of requires) this.#require(command)
    return this.#block(first < 0 ? [] : commands.slice(first))
  }

  #block(commands: readonly CommandNode[]): Checked[] {
    const checked: Checked[] = []
    let before = ''
    for (const command of commands) {
      if (command.name === 'require') {
        this.error(command.at, 'require must stand before all other commands, and not in a block')
        continue
      }
      const isStray = this.#isStrayBranch(command, before)
      before = isStray && command.name === 'elsif' ? 'stray' : command.name
      const node = isStray ? undefined : this.#command(command)
      if (node !== undefined) checked.push(node)
    }
    return checked
  }

  /** RFC 5228 §3.1; of a whole chain without its `if` the first branch is told. */
  #isStrayBranch({ name, at }: CommandNode, before: string): boolean {
    if ((name !== 'elsif' && name !== 'else') || before === 'if' || before === 'elsif') return false
    if (before !== 'stray') this.error(at, `${name} must follow if or elsif`)
    return true
  }

  /** RFC 5228 §3.2. */
  #require(command: CommandNode): void {
    const [names] = command.arguments
    const wrong = this.#wrongRequire(command, names)
    if (wrong !== undefined) this.error(names?.at ?? command.at, wrong)
    else if (names?.kind === 'string') this.#enable(names.text, names.at)
    else if (names?.kind === 'strings') for (const { text, at } of names.items) this.#enable(text, at)
  }

  #wrongRequire(command: CommandNode, names: Argument | undefined): string | undefined {
    if (names === undefined) return 'the require command requires 1 positional argument, but 0 are specified'
    if (names.kind !== 'string' && names.kind !== 'strings')
      return 'the require command expects a string list'
    if (command.arguments.length > 1) return 'the require command takes one string list'
    if (command.tests.length > 0) return this.#strayTest(command)
    return command.block === undefined ? undefined : 'the require command takes no block'
  }

  #enable(extension: string, at: Position): void {
    const { extensions, commands, tests } = this.#language
    if (extensions.has(extension)) {
      this.#required.add(extension)
      for (const implied of implications[extension] ?? []) this.#required.add(implied)
    } else if (commands.has(extension) || tests.has(extension)) {
      this.warn(at, `'${extension}' needs no require`)
    } else {
      this.error(at, `unknown extension '${extension}'`)
    }
  }

  #command(command: CommandNode): Checked | undefined {
    const spec = this.#language.commands.get(command.name)
    if (spec === undefined || !this.#isThere(spec.extension)) {
      this.error(command.at, this.#unknownCommand(command, spec))
      return undefined
    }
    const isTolerant = command.tests.some((test) => this.#asksForUnknown(test))
    const errorsBefore = this.errors.length
    const node = this.#node(command, spec)
    if (node === undefined || !this.#blockFits(command, spec)) {
      if (command.block !== undefined && spec.block === true) this.#block(command.block)
      return undefined
    }
    if (command.name === 'include') this.#includes.push({ node, at: command.at })
    if (command.block === undefined) return node
    if (errorsBefore === this.errors.length) this.#enableAsked(node.tests)
    return this.#withBlock(node, command.block, isTolerant)
  }

  #withBlock(node: Checked, commands: readonly CommandNode[], isTolerant: boolean): Checked {
    const errorsBefore = this.errors.length
    this.within.push(node)
    const block = this.#block(commands)
    this.within.pop()
    const problems = isTolerant ? this.errors.splice(errorsBefore) : []
    const [problem] = problems
    // RFC 5463 §4: behind an ihave that fails, what is unknown is no error until it is met
    return { ...node, block: problem === undefined ? block : [failing(problem)] }
  }

  #blockFits(command: CommandNode, { name, block }: CommandSpec<M>): boolean {
    if ((command.block !== undefined) === (block === true)) return true
    this.error(command.at, `the ${name} command ${block === true ? 'needs a block' : 'takes no block'}`)
    return false
  }

  #unknownCommand({ name }: CommandNode, spec: CommandSpec<M> | undefined): string {
    if (spec !== undefined) return `the ${name} command needs require "${firstOf(spec.extension)}"`
    const test = this.#language.tests.get(name)
    return test === undefined ? `unknown command '${name}'` : `attempted to use test '${name}' as a command`
  }

  #test(test: TestNode, owner: TestNode): Checked | undefined {
    const spec = this.#language.tests.get(test.name)
    if (spec !== undefined && this.#isThere(spec.extension)) {
      const node = this.#node(test, spec)
      return node
    }
    this.error(test.at, this.#unknownTest(test, owner, spec))
    return undefined
  }

  #unknownTest({ name }: TestNode, { name: owner }: TestNode, spec: TestSpec<M> | undefined): string {
    if (spec !== undefined) return `the ${name} test needs require "${firstOf(spec.extension)}"`
    const command = this.#language.commands.has(name)
    return command ? `attempted to use command '${name}' as a test of ${owner}` : `unknown test '${name}'`
  }

  /** Arguments, tags and tests of a command or test; undefined where something is wrong with them. */
  #node(node: TestNode, spec: CommandSpec<M> | TestSpec<M>): Checked | undefined {
    const isTest = this.#language.tests.get(node.name) === spec
    const title = `the ${node.name} ${isTest ? 'test' : 'command'}`
    const reader = new ArgumentReader({
      node,
      spec,
      title,
      checking: this,
      tags: this.#language.tags.get(node.name),
    })
    const read = reader.read()
    if (read === undefined) {
      if (spec.tests === undefined) this.#hintAtTag(node, title)
      return undefined
    }
    if (!this.#testsFit(node, spec, title)) return undefined
    const tests = this.#tests(node)
    if (tests === undefined) return undefined
    const checked: Checked = {
      name: node.name,
      at: node.at,
      ...read,
      tests,
      block: undefined,
      rule: 'rule' in node ? (node as CommandNode).rule : undefined,
      text:
        node.name === 'if' || node.name === 'elsif'
          ? node.tests.map(printTest).join(' ').slice(0, 300)
          : undefined,
      target: undefined,
    }
    const errorsBefore = this.errors.length
    spec.check?.(checked, this)
    return errorsBefore === this.errors.length ? checked : undefined
  }

  #tests(node: TestNode): Checked[] | undefined {
    const tests: Checked[] = []
    let isTolerant = false
    let isFine = true
    for (const test of node.tests) {
      const errorsBefore = this.errors.length
      const checked = this.#test(test, node)
      if (checked !== undefined) tests.push(checked)
      else if (isTolerant) {
        this.errors.splice(errorsBefore)
        tests.push(never(test.at))
      } else isFine = false
      if (checked !== undefined && node.name === 'allof') this.#enableAsked([checked])
      isTolerant ||= node.name === 'allof' && this.#asksForUnknown(test)
    }
    return isFine ? tests : undefined
  }

  #testsFit(node: TestNode, spec: CommandSpec<M> | TestSpec<M>, title: string): boolean {
    if (spec.tests === undefined) {
      if (node.tests.length === 0) return true
      this.error(node.at, this.#strayTest(node))
      return false
    }
    if (spec.tests === 'list' && node.isTestList) return true
    if (spec.tests === 'one' && !node.isTestList && node.tests.length === 1) return true
    const wanted = spec.tests === 'one' ? 'one test' : 'a list of tests in parentheses'
    this.error(node.at, `${title} requires ${wanted}`)
    return false
  }

  #strayTest(node: TestNode): string {
    const [test] = node.tests
    const isCommand = this.#language.commands.has(node.name)
    const title = `the ${node.name} ${isCommand ? 'command' : 'test'}`
    if (isCommand && test !== undefined && !this.#language.tests.has(test.name)) {
      return `missing semicolon ';' after the ${node.name} command`
    }
    return isCommand
      ? `${title} accepts no tests, but tests are specified`
      : `${title} accepts no sub-tests, but tests are specified`
  }

  /** `address matches "from" …`: a colon was forgotten. */
  #hintAtTag(node: TestNode, title: string): void {
    const [test] = node.tests
    if (test !== undefined && this.#language.tags.get(node.name)?.has(test.name) === true) {
      this.error(test.at, `missing colon ':' before '${test.name}' tag in ${title}`)
    }
  }

  #isThere(extension: string | readonly string[] | undefined): boolean {
    if (extension === undefined) return true
    return typeof extension === 'string' ? this.has(extension) : extension.some((one) => this.has(one))
  }

  /** RFC 5463: the test holds an `ihave` of something that is not there. */
  #asksForUnknown(test: TestNode): boolean {
    if (test.name === 'ihave' && this.has('ihave')) {
      const names = test.arguments.flatMap((one) => ('items' in one ? one.items : []))
      names.push(...test.arguments.filter((one) => one.kind === 'string'))
      return names.some(({ text }) => !this.#language.extensions.has(text) || lexical.has(text))
    }
    return test.name !== 'not' && test.tests.some((inner) => this.#asksForUnknown(inner))
  }

  /** What `ihave` finds is there from then on. */
  #enableAsked(tests: readonly Checked[]): void {
    for (const test of tests) {
      if (test.name === 'ihave') {
        for (const name of constantsOf(test.values[0]))
          if (this.#language.extensions.has(name) && !lexical.has(name)) this.#enable(name, test.at)
      } else if (test.name !== 'not') this.#enableAsked(test.tests)
    }
  }
}

/** Extensions that change how strings are read, which cannot begin in the middle of a script. RFC 5463 §4. */
const lexical: ReadonlySet<string> = new Set(['variables', 'encoded-character'])

/** Extensions that bring others with them. */
const implications: Readonly<Record<string, readonly string[]>> = {
  // RFC 6131 §2
  'vacation-seconds': ['vacation'],
  // RFC 5235 §2
  spamtestplus: ['spamtest'],
}

const firstOf = (extension: string | readonly string[] | undefined) =>
  (typeof extension === 'string' ? extension : extension?.[0]) ?? ''

function failing({ at, message }: Problem): Checked {
  const value = { kind: 'texts' as const, texts: [message] }
  return { ...never(at), name: 'error', values: [value] }
}

function never(at: Position): Checked {
  return {
    name: 'false',
    at,
    options: {},
    values: [],
    tests: [],
    block: undefined,
    rule: undefined,
    text: undefined,
    target: undefined,
  }
}
