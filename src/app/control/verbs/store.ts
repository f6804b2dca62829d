import { done, refused } from '../answer.ts'
import { folder, type Verb, verb } from '../verb.ts'

export const storeVerbs: Readonly<Record<string, Verb>> = {
  'store verify': verb({
    summary: 'Checks every message, body and file of the mail store against each other',
    takes: {},
    run: async ({ care }) => {
      const report = await care.verify()
      const { accounts, mailboxes, messages, bodies, blobs, problems } = report
      const seen = `${accounts} accounts, ${mailboxes} mailboxes, ${messages} messages, ${bodies} bodies, ${blobs} files`
      return problems.length === 0
        ? done(`All is well: ${seen}.`, report)
        : {
            ...refused(`${problems.join('\n')}\n${problems.length} problems; checked ${seen}.`),
            json: report,
          }
    },
  }),
  backup: verb({
    summary: 'Copies all data to a new folder, while the server runs',
    takes: { folder: folder('A folder that is empty or does not exist') },
    run: async ({ care, backupRest }, values) => {
      const copied = await care.backup(values.folder)
      if (copied.kind === 'refused') return refused(copied.text)
      await backupRest(values.folder)
      return done(`${copied.messages} messages, ${copied.bytes} bytes copied to ${values.folder}.`, {
        folder: values.folder,
        messages: copied.messages,
        bytes: copied.bytes,
      })
    },
  }),
}
