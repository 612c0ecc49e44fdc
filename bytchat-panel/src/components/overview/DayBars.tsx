// Bars by day, one or several on top of each other.
import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { dayLabel, type UsageDay } from '@/lib/usage';

export interface Series {
  key: 'answers' | 'input_tokens' | 'output_tokens' | 'cost_micro_usd';
  label: string;
  color: string;
}

interface DayBarsProps {
  title: string;
  days: UsageDay[];
  series: readonly Series[];
  language: string;
  /** Short, for the axis. */
  axis: (value: number) => string;
  /** Exact, for the tip. */
  exact: (value: number) => string;
}

const HEIGHT = 200;
const TICK = { fill: 'var(--muted)', fontSize: 12 };

export function DayBars({ title, days, series, language, axis, exact }: DayBarsProps) {
  // A line between the parts would eat bars of two pixels.
  const isDense = days.length > 31;
  // Without a height an axis would invent millionths.
  const isFlat = days.every((day) => series.every(({ key }) => day[key] === 0));
  return (
    <div className="h-50 w-full min-w-0 text-xs [&_svg:focus:not(:focus-visible)]:outline-none [&_svg]:rounded-md">
      <ResponsiveContainer width="100%" height={HEIGHT} initialDimension={{ width: 480, height: HEIGHT }}>
        <BarChart
          data={days}
          aria-label={title}
          margin={{ top: 4, right: 4, bottom: 0, left: 0 }}
          barCategoryGap="20%"
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="day"
            tickFormatter={(day: string) => dayLabel(language, day)}
            tick={TICK}
            tickLine={false}
            axisLine={{ stroke: 'var(--line)' }}
            minTickGap={28}
            tickMargin={8}
          />
          <YAxis
            width="auto"
            tick={TICK}
            tickLine={false}
            axisLine={false}
            tickFormatter={axis}
            tickCount={4}
            allowDecimals={series.every(({ key }) => key === 'cost_micro_usd')}
            {...(isFlat && { ticks: [0], domain: [0, 1] })}
          />
          <Tooltip
            cursor={{ fill: 'var(--sunken)' }}
            isAnimationActive={false}
            content={({ active, label }) => {
              const day = active ? days.find((one) => one.day === label) : undefined;
              return day ? <Tip day={day} series={series} language={language} exact={exact} /> : null;
            }}
          />
          {series.map(({ key, color }, index) => (
            <Bar
              key={key}
              dataKey={key}
              stackId="day"
              fill={color}
              stroke="var(--surface)"
              strokeWidth={isDense ? 0 : 1}
              maxBarSize={36}
              radius={index === series.length - 1 ? [3, 3, 0, 0] : 0}
              isAnimationActive={false}
            />
          ))}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

interface TipProps extends Pick<DayBarsProps, 'series' | 'language' | 'exact'> {
  day: UsageDay;
}

function Tip({ day, series, language, exact }: TipProps) {
  return (
    <div className="rounded-lg border border-line bg-surface px-3 py-2 text-ink text-xs shadow-raised">
      <p className="mb-1 font-medium">{dayLabel(language, day.day)}</p>
      {series.map(({ key, label, color }) => (
        <p key={key} className="flex items-center gap-2 tabular-nums">
          <span aria-hidden="true" className="size-2 rounded-sm" style={{ backgroundColor: color }} />
          <span className="text-muted">{label}</span>
          <span className="ml-auto pl-3">{exact(day[key])}</span>
        </p>
      ))}
    </div>
  );
}

/** Which colour is what. */
export function Legend({ series }: { series: readonly Series[] }) {
  return (
    <ul className="mt-3 flex flex-wrap gap-x-4 gap-y-1 text-muted text-xs">
      {series.map(({ key, label, color }) => (
        <li key={key} className="flex items-center gap-1.5">
          <span aria-hidden="true" className="size-2.5 rounded-sm" style={{ backgroundColor: color }} />
          {label}
        </li>
      ))}
    </ul>
  );
}
