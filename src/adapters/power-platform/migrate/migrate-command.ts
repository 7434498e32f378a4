import type { Command } from '../../../kit/command.ts'
import { CERTIFIED } from './certified.ts'

/** `migrate` moves existing flows from the certified connector to Dealbridge, and back. */
export const migrateCommand: Command = {
  name: 'migrate',
  description: 'replace the certified Pipedrive connector by this one in an exported flow, solution or Logic App',
  prints: 'what was changed, and what was not and why',
  failsWhen: 'a step or a connection stays as it was',
  arguments: ['<file>'],
  options: [
    {
      flags: '--to <connector>',
      description: 'the new connector: shared_… in the Power Platform, name or id of the resource in Azure (required)',
    },
    { flags: '--from <connector>', description: 'the connector to replace', default: CERTIFIED },
    { flags: '-o, --out <file>', description: 'the new file; by default beside the old one' },
    { flags: '--dry-run', description: 'write nothing; print what would change' },
    { flags: '--json', description: 'print JSON' },
  ],
  async run({ to, from, out, dryRun, json }, _stop, args) {
    if (!to)
      throw new Error(
        '--to is missing. In the Power Platform it is the name of the custom connector, shared_…: the last part of its address in Power Automate. ' +
          'In Azure it is the name of the custom connector resource.',
      )
    // Imported here, so that other commands start faster.
    const { runMigration } = await import('./run-migration.ts')
    await runMigration(args![0]!, { from: from || CERTIFIED, to, out, dryRun: dryRun !== undefined, json: json !== undefined })
  },
}
