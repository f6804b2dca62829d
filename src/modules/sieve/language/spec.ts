import type { Position } from '../grammar/ast.ts'

/** Text of a checked script: a constant, or pieces of which some are variables. RFC 5229 §3. */
export type Text = string | readonly TextPiece[]
export type TextPiece = string | { readonly variable: string } | { readonly match: number }

export type Value =
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'texts'; readonly texts: readonly Text[] }

/** A tag that was given, with its value. Tags of one group stand under the group's name. */
export interface Option {
  readonly tag: string
  readonly at: Position
  readonly value: Value | undefined
}

/** A checked command or test. Plain data. */
export interface Checked {
  readonly name: string
  readonly at: Position
  readonly options: Readonly<Record<string, Option>>
  /** As many as the table says; undefined for an optional one that was left out. */
  readonly values: readonly (Value | undefined)[]
  readonly tests: readonly Checked[]
  readonly block: readonly Checked[] | undefined
  readonly rule: string | undefined
  /** Of `if` and `elsif`: the condition as it was written, for people. */
  readonly text: string | undefined
  /** Of `include`: which of the program's scripts; -1 where there is none. */
  readonly target: number | undefined
}

/** What ends a block early. */
export type Flow =
  | undefined
  | { readonly kind: 'stop' }
  | { readonly kind: 'return' }
  | { readonly kind: 'break'; readonly loop: string | undefined }

export type ValueType = 'number' | 'string' | 'strings'

export interface ArgumentSpec {
  readonly name: string
  readonly type: ValueType
  readonly optional?: boolean
  /** No variables in it: it is needed before the script runs. */
  readonly constant?: boolean
  /** What is wrong with a constant one; undefined when it is fine. */
  readonly check?: (text: string) => string | undefined
}

/** Undefined: always there. Several: any of them brings it. */
type Extension = string | readonly string[] | undefined

export interface TagSpec {
  readonly tag: string
  readonly on: readonly string[]
  readonly extension?: Extension
  readonly group?: string
  readonly value?: ValueType
  readonly constant?: boolean
  readonly check?: (text: string) => string | undefined
}

interface Spec {
  readonly name: string
  readonly extension?: Extension
  readonly arguments?: readonly ArgumentSpec[]
  readonly tests?: 'one' | 'list'
  /** Looks at what the table cannot say. */
  readonly check?: (node: Checked, checking: Checking) => void
}

export interface CommandSpec<M> extends Spec {
  readonly block?: boolean
  readonly run: (node: Checked, machine: M) => Flow
}

export interface TestSpec<M> extends Spec {
  readonly run: (node: Checked, machine: M) => boolean
}

/** One family of extensions: a piece of the table. */
export interface Family<M> {
  readonly extensions?: readonly string[]
  readonly commands?: readonly CommandSpec<M>[]
  readonly tests?: readonly TestSpec<M>[]
  readonly tags?: readonly TagSpec[]
}

/** What a check may ask and say. */
export interface Checking {
  has(extension: string): boolean
  error(at: Position, message: string): void
  warn(at: Position, message: string): void
  /** Tells of expressions: the whole script may hold only so much of them. */
  weigh(instructions: number): void
  /** The loops and other blocks around, innermost last. */
  readonly within: readonly Checked[]
  /** Names that `global` has declared in this script. */
  readonly globals: Set<string>
}

export interface Language<M> {
  readonly extensions: ReadonlySet<string>
  readonly commands: ReadonlyMap<string, CommandSpec<M>>
  readonly tests: ReadonlyMap<string, TestSpec<M>>
  /** By name of the command or test, then by tag. */
  readonly tags: ReadonlyMap<string, ReadonlyMap<string, readonly TagSpec[]>>
}

/** Puts the families together. */
export function createLanguage<M>(families: readonly Family<M>[]): Language<M> {
  const tags = new Map<string, Map<string, TagSpec[]>>()
  for (const spec of families.flatMap((family) => family.tags ?? [])) {
    for (const name of spec.on) {
      const byTag = tags.get(name) ?? new Map<string, TagSpec[]>()
      byTag.set(spec.tag, [...(byTag.get(spec.tag) ?? []), spec])
      tags.set(name, byTag)
    }
  }
  return {
    extensions: new Set(families.flatMap((family) => family.extensions ?? [])),
    commands: new Map(families.flatMap((family) => family.commands ?? []).map((spec) => [spec.name, spec])),
    tests: new Map(families.flatMap((family) => family.tests ?? []).map((spec) => [spec.name, spec])),
    tags,
  }
}

/** A value that is not left out; one that was kept as JSON may be null. */
export function isGiven(value: Value | undefined): value is Value {
  return value?.kind !== undefined
}

/** The one text of a value that is a single string and constant. */
export function constantOf(value: Value | undefined): string | undefined {
  const text = value?.kind === 'texts' && value.texts.length === 1 ? value.texts[0] : undefined
  return typeof text === 'string' ? text : undefined
}

/** The constant texts of a value; those with variables are left out. */
export function constantsOf(value: Value | undefined): string[] {
  return value?.kind === 'texts' ? value.texts.filter((text) => typeof text === 'string') : []
}

export function numberOf(value: Value | undefined): number | undefined {
  return value?.kind === 'number' ? value.number : undefined
}
