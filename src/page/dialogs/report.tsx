import type { Fact, MeasuredFact, Verdict } from '../../core/realism/facts.ts';
import type { InstrumentRealism } from '../../core/realism/report.ts';
import { formatRange, formatSpan, formatTime, formatValue, grouped } from '../../realism/format.ts';
import {
  autocorrelationPlot,
  histogramPlot,
  hoursPlot,
  kurtosisPlot,
} from '../../realism/plots.ts';

const MARKS: Readonly<Record<Verdict, string>> = {
  inside: '●',
  below: '▼',
  above: '▲',
  unknown: '–',
};

/** A report as the server gives it: each fact with what is reported of it. */
export interface ToldRealism extends InstrumentRealism {
  readonly facts: readonly (Fact & MeasuredFact)[];
}

/** Pictures and numbers of a report. */
export function Report({ realism }: { realism: ToldRealism }) {
  const { model, rows, intervalMs, firstMs, lastMs, facts } = realism;
  const known = facts.filter(({ verdict }) => verdict !== 'unknown');
  const inside = known.filter(({ verdict }) => verdict === 'inside');
  const plots: readonly (readonly [title: string, plot: string])[] = [
    ['Distribution of returns', histogramPlot(realism)],
    ['Memory', autocorrelationPlot(realism)],
    ['Kurtosis by scale', kurtosisPlot(realism)],
    ['Course of a day', hoursPlot(realism)],
  ];
  return (
    <>
      <p>
        Synthetic data: computed, not traded.{' '}
        <b>
          {inside.length} of {known.length}
        </b>{' '}
        facts are within what studies report of real markets. A value outside is not a fault: it is
        what the model does.
      </p>
      <p class="realism-of">
        <span>
          Model {model} · {grouped(rows)} rows, {formatSpan(intervalMs)} apart
        </span>{' '}
        <span>· {formatTime(firstMs)}</span> <span>to {formatTime(lastMs)}</span>
      </p>
      <div class="realism-plots">
        {plots.map(([title, plot]) => (
          <section key={title}>
            <h3>{title}</h3>
            {/* All text in it is escaped. */}
            <div dangerouslySetInnerHTML={{ __html: plot }} />
          </section>
        ))}
      </div>
      <table class="realism-facts">
        <thead>
          <tr>
            <th scope="col">Fact</th>
            <th scope="col">Value</th>
            <th scope="col">Reported</th>
            <th scope="col">Verdict</th>
            <th scope="col">Source</th>
          </tr>
        </thead>
        <tbody>
          {facts.map((fact) => (
            <FactRow key={fact.id} measured={fact} />
          ))}
        </tbody>
      </table>
    </>
  );
}

function FactRow({ measured: fact }: { measured: Fact & MeasuredFact }) {
  const { value, verdict, reason, isUncertain } = fact;
  return (
    <tr>
      <th scope="row">
        {fact.title}
        <small>{fact.meaning}</small>
      </th>
      <td class="realism-value">{formatValue(value)}</td>
      <td class="realism-range">{formatRange(fact)}</td>
      <td class={`realism-verdict is-${verdict}`}>
        <span aria-hidden="true">{MARKS[verdict]}</span> {verdict}
        <small>{reason ?? (isUncertain && 'may be chance')}</small>
      </td>
      <td class="realism-source">
        {fact.source}
        <small>{fact.basis}</small>
      </td>
    </tr>
  );
}
