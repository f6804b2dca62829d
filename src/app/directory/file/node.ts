/**
 * A configuration file as it was written, before anybody knows what it means: YAML and JSON come to the same. Scalars keep their
 * text, so that `0123` stays a text where a text is meant. Plain data: it travels from the command line to the server.
 */
export type Node = Scalar | List | Map

export interface Scalar {
  /** `plain` is without quotes: null, true and numbers are only there. */
  readonly kind: 'plain' | 'quoted'
  readonly line: number
  readonly text: string
}

interface List {
  readonly kind: 'list'
  readonly line: number
  readonly items: readonly Node[]
}

interface Map {
  readonly kind: 'map'
  readonly line: number
  readonly entries: readonly Entry[]
}

export interface Entry {
  readonly key: string
  readonly line: number
  readonly value: Node
}

export const isScalar = (node: Node): node is Scalar => node.kind === 'plain' || node.kind === 'quoted'

export const isNull = (node: Node): boolean =>
  node.kind === 'plain' && /^(|~|null|Null|NULL)$/.test(node.text)

/** For messages, short. */
export function described(node: Node): string {
  switch (node.kind) {
    case 'list':
      return 'a list'
    case 'map':
      return 'attributes'
    case 'plain':
    case 'quoted':
      return isNull(node) ? 'nothing' : JSON.stringify(node.text.slice(0, 100))
  }
}
