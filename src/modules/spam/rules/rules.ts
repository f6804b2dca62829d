import { attachmentRules } from './attachment-rules.ts'
import { bodyRules } from './body-rules.ts'
import type { Evidence } from './evidence.ts'
import { headerRules } from './header-rules.ts'
import { linkRules } from './link-rules.ts'
import { peopleRules } from './people-rules.ts'
import { programRules } from './program-rules.ts'
import type { Rule } from './rule.ts'
import { spellingRules } from './spelling-rules.ts'
import { testRules } from './test-rules.ts'
import { textRules } from './text-rules.ts'

/** Everything that is looked for in a message itself. */
export const contentRules: readonly Rule<Evidence>[] = [
  ...headerRules,
  ...programRules,
  ...peopleRules,
  ...spellingRules,
  ...textRules,
  ...bodyRules,
  ...linkRules,
  ...attachmentRules,
  ...testRules,
]
