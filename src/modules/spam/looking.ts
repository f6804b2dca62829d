import { indexMessage } from '../../lib/mime/indexer.ts'
import type { MessageIndex, MessagePart } from '../../lib/mime/message-index.ts'
import { type MessageContent, readContent } from './content/message-content.ts'
import { type NamesInside, namesInside } from './content/names.ts'
import { attachedFile, mostFiles } from './files/attached.ts'
import { type AttachedFile, type FileFacts, inspect } from './files/inspect.ts'
import { type Prints, printsOf } from './known/prints.ts'
import { type Tokens, tokensOf } from './learn/tokens.ts'
import { arrivalRules } from './rules/arrival-rules.ts'
import { collectEvidence } from './rules/evidence.ts'
import { originRules } from './rules/origin-rules.ts'
import { applyRules, type Hit } from './rules/rule.ts'
import { contentRules } from './rules/rules.ts'
import { type SpoofSight, spoofRules } from './rules/spoof-rules.ts'

/** A message to look at: plain data, so that another thread can do it. */
export interface Sight {
  /** Its beginning. */
  readonly octets: Uint8Array
  /** Undefined: not known yet. */
  readonly index: MessageIndex | undefined
  /** Undefined for what lies in a mailbox. */
  readonly came: Came | undefined
}

export type Came = Pick<SpoofSight, 'arrival' | 'checks' | 'ours'>

/** Both ends of a file, as they stand in the message. */
export interface EndsOfFile {
  readonly part: Pick<MessagePart, 'name' | 'type' | 'encoding'>
  readonly head: Uint8Array
  readonly tail: Uint8Array
}

export type LookingErrand =
  | { readonly kind: 'look'; readonly sight: Sight }
  | { readonly kind: 'ends'; readonly files: readonly EndsOfFile[] }

/** What can be said of a message without asking anybody: plain data. */
export interface Looked {
  /** Of what it says by itself: the same now and when somebody moves it to Junk next week. */
  readonly content: readonly Hit[]
  /** Of how it came. */
  readonly arrival: readonly Hit[]
  readonly tokens: Tokens
  /** Empty for what lies in a mailbox. */
  readonly names: NamesInside
  readonly prints: Prints
  /** Of files that were at hand; empty for what lies in a mailbox. */
  readonly files: readonly FileFacts[]
}

export function look({ octets, index, came }: Sight): Looked {
  const content = readContent(octets, index ?? indexMessage(octets))
  const evidence = collectEvidence(content)
  const hits = applyRules(contentRules, evidence)
  return {
    content: hits,
    arrival: came ? howItCame({ ...evidence, ...came }) : [],
    tokens: tokensOf(
      content,
      hits.map(({ symbol }) => symbol),
    ),
    prints: printsOf(content, octets),
    files: came ? filesIn(content, octets).map(inspect) : [],
    names: came ? namesInside(evidence) : { hosts: [], linked: [], mailboxes: [], hops: [] },
  }
}

const howItCame = (sight: SpoofSight): Hit[] => [
  ...applyRules([...arrivalRules, ...originRules], sight),
  ...applyRules(spoofRules, sight),
]

const filesIn = ({ attachments }: MessageContent, octets: Uint8Array): AttachedFile[] =>
  attachments
    .filter(({ type, bodyEnd }) => bodyEnd <= octets.length && !type.startsWith('message/'))
    .slice(0, mostFiles)
    .map((part) => attachedFile(part, octets))
