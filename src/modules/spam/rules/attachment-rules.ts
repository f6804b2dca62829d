import type { Evidence } from './evidence.ts'
import { isDisguised, isForbidden, isTwisted, namesOf } from './file-names.ts'
import type { Rule } from './rule.ts'

/** What is attached, by its names; what is inside is looked at in `attachments/`. */
export const attachmentRules: readonly Rule<Evidence>[] = [
  {
    symbol: 'FORBIDDEN_FILE_EXTENSION',
    weight: 0,
    group: 'attachments',
    why: 'has an attachment of a forbidden kind',
    forces: {
      action: 'reject',
      text: 'Forbidden attachment extension; send it another way, or as an archive',
    },
    test: ({ content: { index } }) => namesOf(index.parts).filter(isForbidden),
  },
  {
    symbol: 'MIME_DOUBLE_BAD_EXTENSION',
    weight: 3,
    group: 'attachments',
    why: 'has a program as an attachment that looks like a document',
    test: ({ content: { index } }) => namesOf(index.parts).filter(isDisguised),
  },
  {
    symbol: 'MIME_BAD_UNICODE',
    weight: 2,
    group: 'attachments',
    why: 'has an attachment whose name is written so as to mislead',
    test: ({ content: { index } }) => namesOf(index.parts).filter(isTwisted),
  },
]
