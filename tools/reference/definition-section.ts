import { sourceNotes } from '../../src/catalog/source-notes.ts'
import type { Label } from '../../src/catalog/locales/locales.ts'
import { fieldSource, type FieldSource } from './field-source.ts'
import { code, heading, linkTo, parts, table } from './markdown.ts'
import { definitionName, titleOf, type Page } from './page.ts'
import type { PageTexts } from './page-texts.ts'
import { definitionsOf, type DefinitionRow } from './schema-rows.ts'

/** API v2 has no such records. */
const ONLY_IN_V1: readonly string[] = ['user']

/** Everything that the operations answer, by name, in the order of the operations. */
export const allDefinitions = ({ operations }: Page): Map<string, DefinitionRow[]> =>
  new Map(operations.flatMap((operation) => [...definitionsOf(operation)]))

/** One definition with each of its fields. */
export function definitionSection(page: Page, name: string, rows: readonly DefinitionRow[]): string {
  const { columns, field } = page.texts
  const labels = (page.locale.definitions as Record<string, Record<string, Label | undefined>>)[name] ?? {}
  const users = page.operations.filter((operation) => definitionName(operation) === name)
  return parts(
    heading(3, name, name),
    users.length > 0 ? field.usedBy(users.map((operation) => linkTo(operation.id, titleOf(page, operation)))) : undefined,
    table(
      [columns.name, columns.path, columns.type, columns.description, columns.source],
      rows.map((row) => {
        const label = labels[row.path]
        if (!label) throw new Error(`${name}: "${row.path}" has no label in the locale`)
        const refers = row.refers && field.listOf(linkTo(row.refers, row.refers))
        return [
          label.summary,
          code(row.path),
          row.nullable ? field.orNull(row.type) : row.type,
          [label.description, refers].filter(Boolean).join(page.texts.gap),
          sourceText(page, name, row.path),
        ]
      }),
    ),
  )
}

function sourceText({ texts, operations }: Page, name: string, path: string): string {
  const operation = operations.find((one) => definitionName(one) === name)
  const source = operation && fieldSource(operation, path)
  if (!source) throw new Error(`${name}: no definition of an operation says where "${path}" comes from`)
  return sourceSentence(texts, source)
}

function sourceSentence({ language, field: words }: PageTexts, source: FieldSource): string {
  switch (source.kind) {
    case 'field':
      return source.include ? words.included(source.field) : code(source.field)
    case 'listed':
      return source.isV1 ? `${code(source.field)} (API v1)` : code(source.field)
    case 'linked': {
      const by = source.include ? words.includedLink(source.by) : code(source.by)
      const text = words.linked(source.fields.map(code), words.kinds[source.linked], by)
      return ONLY_IN_V1.includes(source.linked) ? `${text} (API v1)` : text
    }
    case 'derived':
      return sourceNotes[source.note][language]
    case 'constant':
      return words.constant(code(JSON.stringify(source.value)), sourceNotes[source.note][language])
    case 'removedUpstream':
      return words.removedUpstream(sourceNotes[source.note][language])
  }
}
