import type { Trigger } from '../../src/catalog/define.ts'
import type { Label } from '../../src/catalog/locales/locales.ts'
import { code, heading, linkTo, parts, table } from './markdown.ts'
import { parametersTable } from './operation-section.ts'
import { definitionName, textOf, type Page } from './page.ts'
import { parameterRows } from './schema-rows.ts'

type InstantTrigger = Trigger & { instant: InstantTrigger }

const instantOf = ({ operations }: Page): InstantTrigger[] =>
  operations.filter((o): o is InstantTrigger => o.kind === 'trigger' && o.instant !== undefined)

const linkToInstant = (page: Page, { instant }: InstantTrigger): string => linkTo(instant.id, textOf(page, instant).summary)

/** The instant version of each trigger that has one. */
export function instantTriggers(page: Page): string | undefined {
  const { columns, headings, sections } = page.texts
  const all = instantOf(page)
  if (all.length === 0) return undefined
  return parts(
    heading(2, headings.instant, 'instant'),
    sections.instant,
    table(
      [columns.operation, columns.description],
      all.map((trigger) => [linkToInstant(page, trigger), textOf(page, trigger.instant).description]),
    ),
    ...all.map((trigger) => instantSection(page, trigger)),
  )
}

function instantSection(page: Page, { id, instant }: InstantTrigger): string {
  const text = textOf(page, instant)
  const path = `/subscriptions/${id}`
  const sent = definitionName(instant)
  return parts(
    heading(3, text.summary, instant.id),
    `${code(instant.id)} · ${code(`POST ${path}`)}`,
    [text.description, text.hint].filter(Boolean).join(page.texts.gap),
    parametersTable(page, instant, parameterRows({ input: instant.filters, path, method: 'POST' })),
    `**${page.texts.operation.sent}:** ${linkTo(sent, sent)}`,
  )
}

/** What is sent of a change: the record, and what was changed of it. */
export function changeSections(page: Page): string[] {
  const { columns, field } = page.texts
  const senders = Map.groupBy(
    instantOf(page).filter((trigger) => trigger.instant.output !== trigger.output),
    ({ instant }) => definitionName(instant),
  )
  return [...senders].map(([name, triggers]) => {
    const record = linkTo(definitionName(triggers[0]!), definitionName(triggers[0]!))
    const labels = (page.locale.definitions as Record<string, Record<string, Label | undefined>>)[name] ?? {}
    const row = (path: 'changed' | 'previous', type: string) => {
      const label = labels[path]
      if (!label) throw new Error(`${name}: "${path}" has no label in the locale`)
      return [label.summary, code(path), type, label.description, field.changes[path]]
    }
    return parts(
      heading(3, name, name),
      field.sentBy(triggers.map((trigger) => linkToInstant(page, trigger))),
      field.beyond(record),
      table(
        [columns.name, columns.path, columns.type, columns.description, columns.source],
        [row('changed', 'array'), row('previous', 'object')],
      ),
    )
  })
}
