import type { Language } from './language.ts'

/**
 * The reference pages' notes for a value that is not a plain field of a Pipedrive record. Mappings and look-ups refer to a note by its key. A note
 * without a text in every language does not compile, and an unused one fails a test.
 */
export const sourceNotes = {
  deletedStatus: {
    en: '`deleted` if `is_deleted`, else `status`: API v1 called a deleted deal so, and what v2 calls it is not documented',
    ja: '`is_deleted` なら `deleted`、そうでなければ `status`。API v1 は削除された取引をそう呼んでいましたが、v2 での呼び方は公開されていません',
  },
  activeFlag: {
    en: 'True if `status` is `open` and `is_deleted` is not set: API v2 dropped the flag',
    ja: '`status` が `open` で、`is_deleted` でなければ true。API v2 ではこのフラグがなくなりました',
  },
  notSpecifiedSince2023: {
    en: 'no specification and no recorded answer of Pipedrive has had it since 2023',
    ja: '2023 年以降、Pipedrive のどの仕様書にも、記録されたどの応答にもありません',
  },
  nullSince2020: {
    en: 'API v2 removed it, and recorded answers of API v1 have had null since 2020',
    ja: 'API v2 でなくなりました。API v1 でも、2020 年以降に記録された応答では null です',
  },
  titleWithId: { en: '`title`, and behind it `(#id)`', ja: '`title` と、その後ろに `(#id)`' },
  uniqueName: { en: '`name`; equal names get the id', ja: '`name`。同じ名前には ID を添えます' },
  uniqueNameV1: { en: '`name` (API v1); equal names get the key', ja: '`name` (API v1)。同じ名前にはキーを添えます' },
  stagesWithPipeline: {
    en: 'The stages; without a chosen pipeline the name is followed by that of its pipeline (for which there is a second request, unless its name is known)',
    ja: 'ステージ。パイプラインを選んでいなければ、名前の後ろにパイプラインの名前を添えます (その名前がまだわからないときは、2 つ目の要求をします)',
  },
  personWithContact: {
    en: '`name`, and behind it the primary e-mail address, else the organization (for which there is a second request); equal names get the id',
    ja: '`name` と、その後ろに主な電子メール アドレス、なければ組織 (2 つ目の要求はこのため)。同じ名前には ID を添えます',
  },
  activeUserWithEmail: { en: '`name` and `email` (API v1) of the active users', ja: '有効なユーザーの `name` と `email` (API v1)' },
  nameWithCode: { en: '`name` and `code` (API v1)', ja: '`name` と `code` (API v1)' },
  primaryContact: { en: 'The primary one of the list, else the first', ja: '一覧の主なもの、なければ最初のもの' },
  customFields: {
    en: '`custom_fields`: by code as Pipedrive has them; with `custom_fields_by=name` by name, with labels for options',
    ja: '`custom_fields`。コードで引く場合は Pipedrive の値のまま、`custom_fields_by=name` の場合は名前で引き、選択肢はラベルで示します',
  },
  pageRows: { en: 'The records', ja: 'レコード' },
  pageCursor: {
    en: 'For `cursor` of the next call; null on the last page',
    ja: '次の呼び出しの `cursor` に渡します。最後のページでは null',
  },
  pageMore: { en: 'Whether there are more records', ja: 'まだレコードがあるかどうか' },
  deletedNow: {
    en: 'True if this call deleted it; false if there was no such record any more',
    ja: 'この呼び出しで削除したときは true、レコードがすでになかったときは false',
  },
  foundAny: { en: 'Whether there is such a record', ja: '該当するレコードがあるかどうか' },
  foundCount: { en: 'How many records have the value', ja: 'その値を持つレコードの数' },
  foundRecord: { en: 'The record', ja: 'レコード' },
  createdNow: { en: 'Whether this call created it', ja: 'この呼び出しで作成したかどうか' },
  outcome: { en: '`created`, `updated` or `unchanged`', ja: '`created`、`updated`、`unchanged` のいずれか' },
  alwaysTrue: { en: 'Always true', ja: '常に true' },
} satisfies Record<string, Record<Language, string>>

/** A SourceNote is the key of a note. */
export type SourceNote = keyof typeof sourceNotes
