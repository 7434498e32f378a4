import { label, type Label } from './locales.ts'
import { objectTexts, type Noun, type ObjectTexts } from './object-texts.ts'

const time = (summary: string, what: string) => label(summary, `${what} (yyyy-MM-ddTHH:mm:ss.fffZ)。`)
const noun = (one: string): Noun => ({ one, many: one, a: one })

const count = (summary: string, what: string) => (one: string) => label(summary, `この${one}にある${what}の数。`)

const texts: ObjectTexts = {
  objects: {
    person: {
      noun: noun('連絡先'),
      fields: {
        name: label('名前', '連絡先の氏名。'),
        first_name: label('名', '氏名のうちの名。'),
        last_name: label('姓', '氏名のうちの姓。'),
        email: label('メール', '主なメール アドレス。更新ではこれだけが置き換わり、ほかは残ります。'),
        phone: label('電話', '主な電話番号。更新ではこれだけが置き換わり、ほかは残ります。'),
        emails: label('すべてのメール', 'すべてのメール アドレス。送った値が全部を置き換えます。'),
        phones: label('すべての電話', 'すべての電話番号。送った値が全部を置き換えます。'),
        job_title: label('役職', '連絡先の役職。Pipedrive は連絡先の同期が有効な場合だけ保存します。'),
        birthday: label('誕生日', '生年月日 (yyyy-MM-dd)。Pipedrive は連絡先の同期が有効な場合だけ保存します。'),
        notes: label('同期メモ', '連絡先の同期のメモ。Pipedrive のメモではありません。'),
        im: label('メッセンジャー', 'インスタント メッセンジャーのアドレス。Pipedrive の形のままです。'),
        postal_address: label('住所', '連絡先の同期の住所。テキスト、または "value" を持つオブジェクト。'),
      },
    },
    organization: {
      noun: noun('組織'),
      fields: {
        name: label('名前', '組織の名前。'),
        address: label('所在地', '組織の所在地。テキスト、または "value" を持つオブジェクト。'),
        website: label('Web サイト', 'Web サイトのアドレス。'),
        linkedin: label('LinkedIn', 'LinkedIn ページのアドレス。'),
        industry: label('業種', 'フィールド「業種」の選択肢の ID。'),
        annual_revenue: label('年間売上', '1 年間の売上。'),
        employee_count: label('従業員数', '働いている人の数。'),
      },
    },
  },
  common: ({ one }) => ({
    owner_id: label('所有者', `この${one}を所有するユーザーの ID。メール アドレスでも書き込めます。`),
    creator_user_id: label('作成者', `この${one}を追加したユーザーの ID。`),
    person_id: label('連絡先', `この${one}の相手である連絡先の ID。`),
    org_id: label('組織', `この${one}が属する組織の ID。`),
    deal_id: label('取引', `この${one}が属する取引の ID。`),
    label_ids: label('ラベル', `この${one}のラベルの ID。一覧、またはコンマ区切りのテキスト。`),
    visible_to: label('公開範囲', `この${one}を見られる人。`),
    add_time: time('作成日時', `この${one}が追加された日時`),
    update_time: time('更新日時', `この${one}が最後に変更された日時`),
    currency: label('通貨', '通貨コード (EUR など)。'),
    order_nr: label('順番', `一覧の中でのこの${one}の位置。`),
    next_activity_id: label('次のアクティビティ ID', '次に来るアクティビティの ID。'),
    last_activity_id: label('最後のアクティビティ ID', '最後に完了したアクティビティの ID。'),
    open_deals_count: count('進行中の取引の数', '進行中の取引')(one),
    closed_deals_count: count('終了した取引の数', '終了した取引')(one),
    won_deals_count: count('受注した取引の数', '受注した取引')(one),
    lost_deals_count: count('失注した取引の数', '失注した取引')(one),
    activities_count: count('アクティビティの数', 'アクティビティ')(one),
    undone_activities_count: count('未完了のアクティビティの数', '未完了のアクティビティ')(one),
    done_activities_count: count('完了したアクティビティの数', '完了したアクティビティ')(one),
    email_messages_count: count('電子メールの数', '関連付けられた電子メール')(one),
    files_count: count('ファイルの数', 'ファイル')(one),
    notes_count: count('メモの数', 'メモ')(one),
    followers_count: count('フォロワーの数', 'フォロワー')(one),
    people_count: count('連絡先の数', '連絡先')(one),
  }),
  parts: {
    value: () => label('値', 'アドレスまたは番号そのもの。'),
    label: () => label('種類', '用途 (work、home など)。'),
    primary: () => label('主なもの', '一覧の中で最初に使うものかどうか。'),
    id: () => label('ID', 'Pipedrive でのレコードの ID。'),
    data: ({ many }) => label(many, `このページの${many}。`),
    next_cursor: () => label('次のカーソル', '次の呼び出しで cursor に渡す値。最後のページでは空。'),
    has_more: ({ many }) => label('続きあり', `ほかにも${many}があるかどうか。`),
    deleted: () => label('削除済み', 'この呼び出しで削除したときは true、すでになかったときは false。'),
    custom_fields: ({ one }) => label('カスタム フィールド', `この${one}のカスタム フィールド。コードまたは名前で引きます。`),
  },
  options: ({ one, many }) => ({
    id: label('ID', `このステップの対象となる${one}の ID。`),
    limit: label('件数', `返す${many}の最大数。`),
    cursor: label('カーソル', '続きの位置。前のページの next_cursor。'),
    filter_id: label('フィルター ID', 'Pipedrive に保存されているフィルターの ID。'),
    ids: label('ID の一覧', 'これらのレコードだけ。コンマ区切りで 100 個まで。'),
    updated_since: time('更新日時の開始', 'この日時以降に変更されたものだけ'),
    updated_until: time('更新日時の終了', 'この日時より前に変更されたものだけ'),
    sort_by: label('並べ替え', '順序を決めるフィールド。'),
    sort_direction: label('並べ替えの方向', '順序のどちらの端を先にするか。'),
    term: label('検索語', '検索するテキスト。2 文字以上、完全一致なら 1 文字以上。'),
    fields: label('検索するフィールド', '検索する唯一のフィールド。空ならすべて。'),
    exact_match: label('完全一致', '値の全体が一致するものだけにするかどうか。大文字と小文字は区別しません。'),
    custom_fields: label('カスタム フィールド', `この${one}のカスタム フィールド。名前またはコードで指定します。`),
    custom_fields_by: label('カスタム フィールドのキー', 'カスタム フィールドをコードで返すか、名前で返すか。'),
    nulls: label('空の値', '空のフィールドを応答から省くかどうか。'),
  }),
  name: ({ summary }: Label) => label(`${summary}の名前`, `フィールド「${summary}」のレコードの名前。`),
  verbs: {
    get: ({ one }) => label(`${one}を取得する`, `${one}を 1 つ、ID で読み取ります。`),
    list: ({ many }) => label(`${many}を一覧表示する`, `条件に合う${many}を、1 ステップで 2,000 件まで読み取ります。`),
    search: ({ many }) => label(`${many}を検索する`, `${many}をテキストで検索します。新しいレコードは少し遅れて検索に現れます。`),
    create: ({ one }) => label(`${one}を作成する`, `${one}を追加します。重複を避けるには「検索または作成」を使います。`),
    update: ({ one }) => label(`${one}を更新する`, `${one}の、送ったフィールドだけを変更します。clear_fields はフィールドを空にします。`),
    delete: ({ one }) => label(`${one}を削除する`, `${one}を削除します。Pipedrive は削除されたレコードを 30 日間保持します。`),
  },
}

export const objectsJa = objectTexts(texts)
