import type { Operation } from '../../src/catalog/define.ts'
import { CALLS_PER_MINUTE } from '../../src/connections/connections.ts'
import { allDefinitions, definitionSection } from './definition-section.ts'
import { changeSections, instantTriggers } from './instant-sections.ts'
import { code, heading, linkTo, parts, table } from './markdown.ts'
import { operationSection, operationsTable } from './operation-section.ts'
import type { Page } from './page.ts'

/** The window in which the calls of a connection are counted. */
const CALLS_RENEWAL_SECONDS = 60

/** The connector's reference in one language, as Markdown. Pure: the same parts make the same page, to the letter. */
export function referencePage(page: Page): string {
  const { texts, locale } = page
  return parts(
    `# ${texts.title}`,
    texts.languages,
    [locale.info.description, texts.intro].join(texts.gap),
    Object.entries(texts.headings)
      .map(([anchor, text]) => linkTo(anchor, text))
      .join(' · '),
    products(page),
    connection(page),
    limits(page),
    heading(2, texts.headings.tokens, 'tokens'),
    ...texts.tokens.intro,
    operations(page, 'actions', 'action'),
    operations(page, 'triggers', 'trigger'),
    instantTriggers(page),
    operations(page, 'lookups', 'lookup'),
    heading(2, texts.headings.definitions, 'definitions'),
    texts.sections.definitions,
    ...[...allDefinitions(page)].map(([name, rows]) => definitionSection(page, name, rows)),
    ...changeSections(page),
  )
}

function products({ texts: { headings, columns, products: words } }: Page): string {
  return parts(
    heading(2, headings.products, 'products'),
    table(
      [columns.service, columns.class, columns.regions],
      words.rows.map((row) => [row.service, row.class, words.regions(row.service, row.except)]),
    ),
    words.ours,
    words.facts.map(([name, value]) => `- ${name}: ${value}`).join('\n'),
  )
}

function connection({ texts: { headings, columns, connection: words, operation }, locale }: Page): string {
  const { api_key, user_name, password } = locale.connection
  const head = [columns.name, columns.key, columns.required, columns.type, columns.description]
  return parts(
    heading(2, headings.connection, 'connection'),
    words.intro,
    table([columns.name, columns.scope, columns.sharing], [[words.name, words.scope, words.sharing]]),
    table(head, [[api_key.summary, code('api_key'), operation.yes, 'securestring', api_key.description]]),
    words.sharingOfOurs,
    words.basic,
    table(head, [
      [user_name.summary, code('username'), operation.yes, 'securestring', user_name.description],
      [password.summary, code('password'), operation.yes, 'securestring', password.description],
    ]),
  )
}

function limits({ texts: { headings, columns, limits: words }, prices }: Page): string {
  return parts(
    heading(2, headings.limits, 'limits'),
    table(
      [columns.name, columns.calls, columns.seconds],
      [
        [words.calls, String(CALLS_PER_MINUTE), words.seconds(CALLS_RENEWAL_SECONDS)],
        [words.polls, '1', words.seconds(prices.pollEverySeconds)],
      ],
    ),
    words.intro,
  )
}

function operations(page: Page, section: 'actions' | 'triggers' | 'lookups', kind: Operation['kind']): string {
  const own = page.operations.filter((operation) => operation.kind === kind)
  return parts(
    heading(2, page.texts.headings[section], section),
    page.texts.sections[section],
    own.length > 0 ? operationsTable(page, own) : undefined,
    ...own.map((operation) => operationSection(page, operation)),
  )
}
