import type { switches } from '../../behaviour.ts'

/** The descriptions of the switches; the English ones are in `behaviour.ts`. */
export const jaSwitches: Readonly<Partial<Record<keyof typeof switches, string>>> = {
  activityTimes: 'v2 での due_time と duration の書式。OpenAPI と移行ガイドの記述が食い違っています。',
  emptyActivityTime: 'due_time や duration のない活動で返す値。',
  createStatus: '作成時のステータス。OpenAPI では 200、v1 では 201 でした。',
  deletedDealStatus: '削除した取引の status。deleted か、最後の値か。',
  getDeletedDeal: '削除後 30 日間、GET /deals/{id} が取引を返すかどうか。',
  getArchivedDeal: 'アーカイブした取引を GET /deals/{id} が返すかどうか。',
  changeDeletedRecord: '削除したレコードへの PATCH のステータス。',
  changeArchivedDeal: 'アーカイブした取引への PATCH(復元以外)のステータス。',
  deleteDeletedRecord: '2 回目の DELETE のステータス。v1 では id を添えた 410 が確認されています。',
  deleteArchivedDeal: 'アーカイブした取引を削除できるかどうか。',
  newUpdateTime: '一度も変更されていないレコードの update_time。応答では add_time の 1 秒後、Webhook では null が確認されています。',
  updatedSinceOfNew: 'update_time が null のレコードを updated_since と updated_until が add_time で探すか、まったく返さないか。',
  visibilityOptions: '取引フィールド visible_to の選択肢。文書化されているのはプランごとの組み合わせだけです。',
  searchSeesAfterSeconds: '新しいレコードが検索に現れるまでの秒数。',
  conversionSeconds: '取引とリードの変換にかかる秒数。その半分が過ぎると実行中になります。',
  webhooks: '未公開の動作ではなく、試験用の設定です。none delivered では Webhook の登録を受け付け、イベントを何も言わずにすべて失います。',
  webhookOrder: 'イベントが発生順に届くかどうか。保証はされていません。shuffled ではそれぞれ最大 3 秒遅れます。',
  webhookCopies: '各イベントを配信する回数。文書では重複の確認は不要とされています。',
  metaId: '再送や複数回の配信の間、イベントの meta.id が変わらないかどうか。示唆されているだけで明記されていません。',
  webhooksForUsers: '管理者以外が /webhooks で受け取るステータス。',
  strictUrls:
    '未公開の動作ではなく、選択肢です。on では Pipedrive と同じく subscription_url を検査します(https、公開、到達可能、リダイレクトなし)。off ではこのマシン上の受信先も使えます。',
  contactSync:
    '未公開の動作ではなく、選択肢です。on では連絡先の同期と同様に、人物に postal_address、notes、im、birthday、job_title が加わります。',
  firewallAfter: '1 つのキーに 10 秒以内で何回 429 を返すと、ファイアウォールが代わりに応答するか。',
  dateHeader: 'すべての応答が date ヘッダーで時刻を示すかどうか。HTTP は時計を持つサーバーにそれを求めています。',
  limits:
    '未公開の動作ではなく、選択肢です。on では 429 で拒否します。off では数えるだけで、バースト枠は常に最初の呼び出しの直後として示すため、クライアントが速度を落とすことはありません。',
}
