import { actions } from '../commands/actions.ts'
import { baseTests } from '../commands/base-tests.ts'
import { body } from '../commands/body.ts'
import { control } from '../commands/control.ts'
import { dates } from '../commands/dates.ts'
import { duplicate } from '../commands/duplicate.ts'
import { editHeader } from '../commands/edit-header.ts'
import { environment } from '../commands/environment.ts'
import { imapFlags } from '../commands/flags.ts'
import { include } from '../commands/include.ts'
import { mailboxes } from '../commands/mailboxes.ts'
import { mimeParts } from '../commands/mime-parts.ts'
import { notify } from '../commands/notify.ts'
import { vacation } from '../commands/vacation.ts'
import { variables } from '../commands/variables.ts'
import type { Machine } from '../run/machine.ts'
import { createLanguage, type Family } from './spec.ts'

/** Every extension, command, test and tag that this server knows. Read this first. */
export const families: readonly Family<Machine>[] = [
  control, // RFC 5228 §3, §5 (allof … true), RFC 5463 ihave
  actions, // RFC 5228 §4, RFC 3894 copy, RFC 5429 reject, RFC 6009 dsn
  baseTests, // RFC 5228 §5, RFC 5231 relational, RFC 5233 subaddress, RFC 5703 mime, RFC 5260 index, regex
  imapFlags, // RFC 5232
  variables, // RFC 5229
  dates, // RFC 5260
  body, // RFC 5173
  vacation, // RFC 5230, RFC 6131
  notify, // RFC 5435, RFC 5436, RFC 8580
  mailboxes, // RFC 5490, RFC 8579, RFC 9042
  environment, // RFC 5183, RFC 5235, RFC 6134, RFC 6785
  duplicate, // RFC 7352
  include, // RFC 6609
  mimeParts, // RFC 5703
  editHeader, // RFC 5293
]

export const language = createLanguage(families)
