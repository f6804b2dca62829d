/** Where something stands in a script, both from 1. */
export interface Position {
  readonly line: number
  readonly column: number
}

/** A script as it was written. RFC 5228 §8.2. */
export interface Script {
  readonly commands: readonly CommandNode[]
}

/** Commands and tests are the same thing but for the block (RFC 5228 §8.2 command, test). */
export interface TestNode {
  readonly name: string
  readonly at: Position
  readonly arguments: readonly Argument[]
  readonly tests: readonly TestNode[]
  /** The tests stand in parentheses. */
  readonly isTestList: boolean
}

export interface CommandNode extends TestNode {
  readonly block: readonly CommandNode[] | undefined
  /** The name that an editor gave the rule, `# rule:[…]` in the line before it. */
  readonly rule: string | undefined
}

export type Argument = TagArgument | NumberArgument | StringArgument | StringListArgument

export interface TagArgument {
  readonly kind: 'tag'
  /** Lower case, without its colon. */
  readonly name: string
  readonly at: Position
}

interface NumberArgument {
  readonly kind: 'number'
  readonly value: number
  readonly at: Position
}

export interface StringArgument {
  readonly kind: 'string'
  readonly text: string
  readonly at: Position
}

interface StringListArgument {
  readonly kind: 'strings'
  readonly items: readonly StringArgument[]
  readonly at: Position
}

/** What is wrong with a script, and where. */
export interface Problem {
  readonly at: Position
  readonly message: string
}
