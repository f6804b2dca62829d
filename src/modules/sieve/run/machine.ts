import type { SieveAction, SieveFacts, SieveGuard, SieveProblem, SieveReason } from '../../../ports/sieve.ts'
import type { Position } from '../grammar/ast.ts'
import type { Checked, Flow, Language, Text, Value } from '../language/spec.ts'
import type { Comparator } from '../match/comparators.ts'
import { MessageState } from '../message/message-state.ts'
import type { PartView } from '../message/message-view.ts'
import type { Program, ProgramScript } from './program.ts'
import { ScriptFailure } from './script-failure.ts'
import { Variables } from './variables.ts'

export type ActionDraft = DistributiveOmit<SieveAction, 'by'>
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

/** Characters that are looked at for one step. */
const charactersPerStep = 512

/** Longest text that variables may make of one string. */
const longestText = 262_144
/** Texts from this length on are folded once. */
const longText = 2048
/** All versions of an edited message together. */
const mostHeldOctets = 134_217_728

/** One evaluation: everything that changes while a script runs. */
export class Machine {
  readonly facts: SieveFacts
  readonly message: MessageState
  readonly actions: SieveAction[] = []
  readonly guards: SieveGuard[] = []
  readonly warnings: SieveProblem[] = []
  readonly globals: Variables
  /** RFC 5229 §3.2 match variables of the script that runs. */
  matches: readonly string[] = []
  /** RFC 5232 §2: the internal variable. */
  flags: readonly string[]
  /** Where the implicit keep stands: RFC 5228 §2.10.2. */
  keepsImplicitly = true
  /** A branch of the `if` chain at hand was taken. RFC 5228 §3.1. */
  branchTaken = false
  steps = 0
  /** Parts that foreverypart stands on, innermost last. */
  readonly loops: { readonly part: PartView; readonly name: string | undefined }[] = []
  readonly #language: Language<Machine>
  readonly #program: Program
  readonly #included = new Set<number>()
  readonly #folds = new Map<Comparator, Map<string, string>>()
  #script: ProgramScript
  #at: Position = { line: 1, column: 1 }
  #locals: Variables
  #globalNames = new Set<string>()
  #rule: string | undefined
  #because: readonly { readonly script: string; readonly line: number; readonly test: string }[] = []

  constructor(language: Language<Machine>, program: Program, facts: SieveFacts) {
    this.facts = facts
    this.#language = language
    this.#program = program
    this.#script = program.scripts[0] ?? { name: '', block: [] }
    this.message = new MessageState(facts.message.bytes, facts.message.index)
    this.globals = this.#newVariables()
    this.#locals = this.#newVariables()
    this.flags = facts.flags
  }

  /** Runs the whole script. */
  run(): void {
    this.block(this.#script.block)
  }

  /** Runs commands until one says otherwise. */
  block(commands: readonly Checked[]): Flow {
    const isOutermost = this.#because.length === 0
    for (const command of commands) {
      this.#at = command.at
      if (isOutermost || command.rule !== undefined) this.#rule = command.rule
      this.spend(1)
      const spec = this.#language.commands.get(command.name)
      if (spec === undefined) return this.fail(`the command ${command.name} is not there any more`)
      const flow = spec.run(command, this)
      if (flow !== undefined) return flow
    }
    return undefined
  }

  /** The block of a rule whose tests held. */
  because(node: Checked): Flow {
    const before = this.#because
    this.#because = [
      ...before,
      { script: this.#script.name, line: node.at.line, test: node.text ?? node.name },
    ]
    const flow = this.block(node.block ?? [])
    this.#because = before
    return flow
  }

  test(node: Checked): boolean {
    this.spend(1)
    const spec = this.#language.tests.get(node.name)
    if (spec === undefined) return this.fail(`the test ${node.name} is not there any more`)
    this.#at = node.at
    return spec.run(node, this)
  }

  /** RFC 6609 §3.2: with variables of its own. */
  include(target: number, once: boolean): Flow {
    const script = this.#program.scripts[target]
    if (script === undefined || (once && this.#included.has(target))) return undefined
    this.#included.add(target)
    const saved = [this.#script, this.#locals, this.#globalNames, this.matches] as const
    this.#script = script
    this.#locals = this.#newVariables()
    this.#globalNames = new Set()
    this.matches = []
    const flow = this.block(script.block)
    ;[this.#script, this.#locals, this.#globalNames, this.matches] = saved
    return flow?.kind === 'stop' ? flow : undefined
  }

  knows(extension: string): boolean {
    return this.#language.extensions.has(extension)
  }

  wasIncluded(target: number): boolean {
    return this.#included.has(target)
  }

  declareGlobal(name: string): void {
    this.#globalNames.add(name.toLowerCase())
  }

  variable(name: string): string {
    const { store, key } = this.#variable(name)
    return store.get(key)
  }

  setVariable(name: string, value: string): void {
    const { store, key } = this.#variable(name)
    if (!store.set(key, value)) this.fail('the variables take too much room')
  }

  #variable(name: string): { store: Variables; key: string } {
    const key = name.toLowerCase()
    if (key.startsWith('global.')) return { store: this.globals, key: key.slice('global.'.length) }
    return { store: this.#globalNames.has(key) ? this.globals : this.#locals, key }
  }

  /** A text with its variables put in. */
  text(text: Text): string {
    if (typeof text === 'string') return text
    let out = ''
    for (const piece of text) {
      if (typeof piece === 'string') out += piece
      else out += 'match' in piece ? (this.matches[piece.match] ?? '') : this.variable(piece.variable)
      if (out.length > longestText) this.fail('a text with variables grows too long')
    }
    this.spendOn(out)
    return out
  }

  texts(value: Value | undefined): string[] {
    return value?.kind === 'texts' ? value.texts.map((text) => this.text(text)) : []
  }

  /** Of a single string; undefined where it was not given. */
  string(value: Value | undefined): string | undefined {
    return value?.kind === 'texts' && value.texts[0] !== undefined ? this.text(value.texts[0]) : undefined
  }

  /** A long text, such as a body, is looked at by many tests. */
  folded(comparator: Comparator, text: string): string {
    if (text.length < longText) return comparator.fold(text)
    const known = this.#folds.get(comparator) ?? new Map<string, string>()
    this.#folds.set(comparator, known)
    const before = known.get(text)
    if (before !== undefined) return before
    const folded = comparator.fold(text)
    known.set(text, folded)
    this.spendOn(text)
    return folded
  }

  /** Evil scripts end here, and hurt nobody. */
  spend(steps: number): void {
    this.steps += steps
    if (this.steps > this.facts.settings.limits.steps) this.fail('the script takes too much work')
  }

  spendOn(text: string): void {
    this.spend(Math.ceil(text.length / charactersPerStep))
  }

  fail(message: string): never {
    throw new ScriptFailure(this.problem(message))
  }

  warn(message: string): void {
    if (this.warnings.length < 50) this.warnings.push(this.problem(message))
  }

  problem(message: string): SieveProblem {
    return { script: this.#script.name, ...this.#at, message }
  }

  /** Everything that scripts do goes through here. */
  act(draft: ActionDraft): void {
    this.actions.push({ ...draft, by: this.#reason() })
    const { limits } = this.facts.settings
    if (this.message.heldOctets > mostHeldOctets) this.fail('the edited messages take too much room')
    if (this.actions.length > limits.actions)
      this.fail(`the total number of actions exceeds policy limit (${limits.actions})`)
  }

  #reason(): SieveReason {
    return { script: this.#script.name, ...this.#at, rule: this.#rule, because: this.#because }
  }

  #newVariables(): Variables {
    return new Variables(() => this.facts.settings.limits)
  }
}
