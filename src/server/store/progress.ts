/** What the learner has read, solved and answered. */
import type { Results, TaskResult } from '../../wire/results.ts'
import type {
  AnswerProgress,
  LabProgress,
  LessonProgress,
  Progress,
} from '../../wire/server-api.ts'
import type { Store } from './database.ts'

export interface ProgressBook {
  read(): Progress
  /** Keeps the first time of each. */
  lesson(id: string, state: 'seen' | 'done'): void
  /** Keeps the best, and of equal ones the first; nothing as long as nothing is solved. */
  results(results: Pick<Results, 'lab' | 'score' | 'max'>): void
  answer(lab: string, value: string, result: Pick<TaskResult, 'id' | 'status'>): void
}

export function createProgressBook(store: Store, now = () => new Date()): ProgressBook {
  const at = () => now().toISOString()
  return {
    read() {
      const lessons = all<LessonProgress>(
        store,
        'SELECT id, seen_at AS seenAt, done_at AS doneAt FROM lessons ORDER BY seen_at, id',
      )
      const labs = all<LabProgress>(
        store,
        'SELECT lab, score, max, at FROM lab_results ORDER BY lab',
      )
      const answers = all<AnswerProgress>(
        store,
        'SELECT lab, task, value, status, at FROM answers ORDER BY lab, task',
      )
      const passed = labs.filter(({ score, max }) => max > 0 && score >= max).map(({ lab }) => lab)
      return { lessons, labs, answers, passed }
    },
    lesson(id, state) {
      const doneAt = state === 'done' ? at() : null
      store.with((database) =>
        database
          .prepare(
            `INSERT INTO lessons (id, seen_at, done_at) VALUES (?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET done_at = COALESCE(done_at, excluded.done_at)`,
          )
          .run(id, at(), doneAt),
      )
    },
    results({ lab, score, max }) {
      if (score <= 0) return
      store.with((database) =>
        database
          .prepare(
            `INSERT INTO lab_results (lab, score, max, at) VALUES (?, ?, ?, ?)
             ON CONFLICT (lab) DO UPDATE
             SET score = excluded.score, max = excluded.max, at = excluded.at
             WHERE excluded.score > score`,
          )
          .run(lab, score, max, at()),
      )
    },
    answer(lab, value, { id, status }) {
      store.with((database) =>
        database
          .prepare(
            `INSERT INTO answers (lab, task, value, status, at) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (lab, task) DO UPDATE
             SET value = excluded.value, status = excluded.status, at = excluded.at`,
          )
          .run(lab, id, value, status, at()),
      )
    },
  }
}

/** The columns are named as the row type's fields; STRICT tables hold their types. */
function all<Row>(store: Store, query: string): Row[] {
  return store.with((database) => database.prepare(query).all()) as Row[]
}
