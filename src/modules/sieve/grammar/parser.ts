import { BadSyntax } from '../../../lib/bad-syntax.ts'
import type { Argument, CommandNode, Position, Problem, Script, StringArgument, TestNode } from './ast.ts'
import { Scanner, type Token } from './scanner.ts'

/** Blocks and tests inside each other. */
const deepest = 32
const mostArguments = 32
const mostProblems = 50

/** Reads a script; throws BadSyntax for the first thing that is wrong with it. */
export function parseScript(text: string): Script {
  const { script, problems, firstOffset } = readScript(text)
  const first = problems[0]
  if (first !== undefined) throw new BadSyntax(first.message, firstOffset)
  return script
}

export interface ReadScript {
  readonly script: Script
  readonly problems: readonly Problem[]
  readonly firstOffset: number
}

/** Reads a script and goes on behind each mistake, so that a person sees them all at once. */
export function readScript(text: string): ReadScript {
  const parser = new Parser(text)
  const script = { commands: parser.commands(0) }
  return { script, problems: parser.problems, firstOffset: parser.firstOffset }
}

interface Pieces {
  readonly arguments: Argument[]
  tests: TestNode[]
  isTestList: boolean
}

class Parser {
  readonly problems: Problem[] = []
  firstOffset = 0
  readonly #scanner: Scanner
  #token: Token = { kind: 'end', start: 0, end: 0 }
  /** Where the last token ended. */
  #last = 0

  constructor(text: string) {
    this.#scanner = new Scanner(text)
    try {
      this.#advance()
    } catch (error) {
      if (!(error instanceof BadSyntax)) throw error
      this.#note(error.message, error.offset)
      this.#skipToken()
      this.#recover(0)
    }
  }

  /** commands = *command, up to the end of the block or the script, or to where enough is wrong. */
  commands(depth: number): CommandNode[] {
    const commands: CommandNode[] = []
    const isAtEnd = () => this.#token.kind === 'end' || (this.#token.kind === '}' && depth > 0)
    while (!isAtEnd() && this.problems.length < mostProblems) {
      try {
        commands.push(this.#command(depth))
      } catch (error) {
        if (!(error instanceof BadSyntax)) throw error
        this.#note(error.message, error.offset)
        this.#recover(depth)
      }
    }
    return commands
  }

  /** command = identifier arguments (";" / block) */
  #command(depth: number): CommandNode {
    const before = this.#last
    const token = this.#token
    if (token.kind !== 'identifier') throw this.#unexpected('a command')
    const rule = this.#scanner.ruleNameBetween(before, token.start)
    this.#advance()
    const at = this.#at(token.start)
    const pieces = this.#arguments(token.text, depth)
    const block = this.#end(token.text, depth)
    return { name: token.text, at, ...pieces, block, rule }
  }

  /** `;`, or a block. A forgotten semicolon is said and read over where the next command is in sight. */
  #end(name: string, depth: number): CommandNode[] | undefined {
    if (this.#token.kind === ';') {
      this.#advance()
      return undefined
    }
    if (this.#token.kind !== '{')
      throw new BadSyntax(`missing semicolon ';' after the ${name} command`, this.#last)
    if (depth >= deepest) throw new BadSyntax('blocks are nested too deeply', this.#token.start)
    this.#advance()
    const block = this.commands(depth + 1)
    this.#close()
    return block
  }

  #close(): void {
    if (this.#token.kind !== '}') throw this.#unexpected("'}' at the end of the block")
    this.#advance()
  }

  /** arguments = *argument [ test / test-list ] */
  #arguments(name: string, depth: number): Pieces {
    const pieces: Pieces = { arguments: [], tests: [], isTestList: false }
    for (;;) {
      const argument = this.#argument()
      if (argument === undefined) break
      pieces.arguments.push(argument)
      if (pieces.arguments.length > mostArguments) {
        throw new BadSyntax(`too many arguments for ${name}`, this.#token.start)
      }
    }
    if (this.#token.kind === 'identifier') pieces.tests = [this.#test(name, depth + 1)]
    else if (this.#token.kind === '(') {
      pieces.isTestList = true
      pieces.tests = this.#testList(name, depth + 1)
    }
    return pieces
  }

  #test(owner: string, depth: number): TestNode {
    const token = this.#token
    if (token.kind !== 'identifier') throw this.#unexpected('a test')
    if (depth > deepest) throw new BadSyntax('tests are nested too deeply', token.start)
    this.#advance()
    if (this.#token.kind === 'end')
      throw new BadSyntax(`missing semicolon ';' after the ${owner} command`, token.start)
    return { name: token.text, at: this.#at(token.start), ...this.#arguments(token.text, depth) }
  }

  /** test-list = "(" test *("," test) ")" */
  #testList(owner: string, depth: number): TestNode[] {
    if (depth > deepest) throw new BadSyntax('tests are nested too deeply', this.#token.start)
    const tests: TestNode[] = []
    do {
      this.#advance()
      tests.push(this.#test(owner, depth))
    } while (this.#token.kind === ',')
    if (this.#token.kind !== ')') throw this.#unexpected("',' or ')' in the list of tests")
    this.#advance()
    return tests
  }

  #argument(): Argument | undefined {
    const token = this.#token
    switch (token.kind) {
      case 'tag':
        this.#advance()
        return { kind: 'tag', name: token.text, at: this.#at(token.start) }
      case 'number':
        this.#advance()
        return { kind: 'number', value: token.value, at: this.#at(token.start) }
      case 'string':
        return this.#string()
      case '[':
        return this.#stringList(token.start)
      case 'identifier':
      case '{':
      case '}':
      case '(':
      case ')':
      case ']':
      case ',':
      case ';':
      case 'end':
        return undefined
    }
  }

  #string(): StringArgument {
    const token = this.#token
    if (token.kind !== 'string') throw this.#unexpected('a string')
    this.#advance()
    return { kind: 'string', text: token.text, at: this.#at(token.start) }
  }

  /** string-list = "[" string *("," string) "]" */
  #stringList(start: number): Argument {
    const items: StringArgument[] = []
    do {
      this.#advance()
      items.push(this.#string())
    } while (this.#token.kind === ',')
    if (this.#token.kind !== ']') throw this.#unexpected("',' or ']' in the list of strings")
    this.#advance()
    return { kind: 'strings', items, at: this.#at(start) }
  }

  #at(offset: number): Position {
    return this.#scanner.position(offset)
  }

  #advance(): void {
    this.#last = this.#token.end
    this.#token = this.#scanner.next()
  }

  #unexpected(wanted: string): BadSyntax {
    return new BadSyntax(`expected ${wanted}, but found ${nameOf(this.#token)}`, this.#token.start)
  }

  #note(message: string, offset: number): void {
    if (this.problems.length === 0) this.firstOffset = offset
    if (this.problems.length < mostProblems) this.problems.push({ at: this.#at(offset), message })
  }

  /** Behind the next semicolon, behind the block that begins before it, or before the brace that closes this block. */
  #recover(depth: number): void {
    for (let open = 0; this.#token.kind !== 'end'; this.#skipToken()) {
      const { kind } = this.#token
      if (kind === '{') open++
      // at the outermost level nobody opened it
      if (kind === '}' && open-- === 0 && depth > 0) return
      if (open <= 0 && (kind === ';' || kind === '}')) {
        this.#skipToken()
        return
      }
    }
  }

  /** Past what cannot be read as well; one complaint at a time is enough. */
  #skipToken(): void {
    for (;;) {
      try {
        this.#advance()
        return
      } catch (error) {
        if (!(error instanceof BadSyntax)) throw error
      }
    }
  }
}

function nameOf(token: Token): string {
  switch (token.kind) {
    case 'end':
      return 'the end of the script'
    case 'identifier':
      return `'${token.text}'`
    case 'tag':
      return `tag ':${token.text}'`
    case 'number':
      return 'a number'
    case 'string':
      return 'a string'
    case '{':
    case '}':
    case '(':
    case ')':
    case '[':
    case ']':
    case ',':
    case ';':
      return `'${token.kind}'`
  }
}
