import { previous, type EventText, type triggersEn } from './en-triggers.ts'
import { label, type Label } from './locales.ts'

const ofDeals = {
  pipeline_id: label('パイプライン ID', 'このパイプラインにある取引だけを対象にします。'),
  stage_id: label('ステージ ID', 'このステージにある取引だけを対象にします。'),
  owner_id: label('所有者 ID', 'このユーザーが受け持つ取引だけを対象にします。'),
}
const ofActivities = {
  owner_id: label('所有者 ID', 'このユーザーが行う活動だけを対象にします。'),
  type: label('タイプ', 'このタイプの活動だけを対象にします。'),
}
const callbackUrl = label('コールバック URL', 'イベントの送信先。ホストが自動的に設定します。')

const deals = {
  updated: { when: '取引が更新された', hint: '取引を変更します' },
  moved: { when: '取引が別のステージに移された', hint: '取引を別のステージに移します' },
  won: { when: '取引が受注になった', hint: '取引を受注にします' },
  lost: { when: '取引が失注になった', hint: '取引を失注にします' },
  deleted: { when: '取引が削除された', hint: '取引を削除します' },
}
const activities = {
  updated: { when: '活動が更新された', hint: '活動を変更します' },
  done: { when: '活動が完了した', hint: '活動を完了にします' },
}

const polled = <P>({ when, hint }: EventText, between: string, parameters: P) => ({
  ...label(`${when}とき`, `${when}ときにフローを開始します。${between}`),
  hint: `今すぐ動作を確認するには、Pipedrive で${hint}。`,
  parameters,
})
const instant = <P>({ when, hint }: EventText, parameters: P) => ({
  ...label(`${when}とき (即時)`, `${when}ことを Pipedrive が知らせると、すぐにフローを開始します。`),
  hint: `今すぐ動作を確認するには、Pipedrive で${hint}。`,
  parameters: { callbackUrl, ...parameters },
})

const COUNT_ONCE = 'ポーリングの間に何度か起きたことは 1 回と数え、それまでに取り消されたことは検出されません。'

/** The texts of the triggers beyond the contract's, and of the instant version of each trigger. */
export const triggersJa: typeof triggersEn = {
  TrigDealUpdated: polled(
    deals.updated,
    'ポーリングの間に行われた複数の変更は 1 回と数えます。追加、削除、アーカイブだけが行われた取引は対象になりません。',
    ofDeals,
  ),
  TrigDealMoved: polled(deals.moved, 'ポーリングの間に行われた複数の移動は、元のステージに戻った場合も含めて 1 回と数えます。', ofDeals),
  TrigDealWon: polled(deals.won, COUNT_ONCE, ofDeals),
  TrigDealLost: polled(deals.lost, COUNT_ONCE, ofDeals),
  TrigDealDeleted: polled(deals.deleted, '次のポーリングまでに復元された取引は検出されません。', ofDeals),
  TrigActivityUpdated: polled(
    activities.updated,
    'ポーリングの間に行われた複数の変更は 1 回と数えます。追加または削除だけが行われた活動は対象になりません。',
    ofActivities,
  ),
  TrigActivityDone: polled(activities.done, COUNT_ONCE, ofActivities),
  TrigNewDealInstant: instant({ when: '新しい取引が追加された', hint: '取引を追加します' }, ofDeals),
  TrigNewActivityInstant: instant({ when: '新しい活動が追加された', hint: '活動を追加します' }, ofActivities),
  TrigDealUpdatedInstant: instant(deals.updated, ofDeals),
  TrigDealMovedInstant: instant(deals.moved, ofDeals),
  TrigDealWonInstant: instant(deals.won, ofDeals),
  TrigDealLostInstant: instant(deals.lost, ofDeals),
  TrigDealDeletedInstant: instant(deals.deleted, ofDeals),
  TrigActivityUpdatedInstant: instant(activities.updated, ofActivities),
  TrigActivityDoneInstant: instant(activities.done, ofActivities),
  EndSubscription: {
    ...label(
      'サブスクリプションを終了する',
      '即時トリガーのサブスクリプションを終えます。フローがオフにされたときにホストが呼び出します。',
    ),
    parameters: {
      trigger: label('トリガー', '登録したトリガー。'),
      location: label('場所', '登録時に返されたアドレスのうち、トリガーに続く部分。'),
    },
  },
}

/** A definition of a record that has changed, from that of the record. */
export const changeJa = <K extends string>(of: Record<K, Label>) => ({
  ...of,
  changed: label('変更されたフィールド', '変更されたフィールドの名前。'),
  previous: label('変更前の値', '変更されたフィールドの以前の値。わからない場合は含まれません。'),
  ...previous(of, ({ summary, description }) => label(`変更前の${summary}`, `変更前: ${description}`)),
})
