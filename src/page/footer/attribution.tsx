/** The link that the chart library's licence asks for, at every width. */
export function Attribution() {
  return (
    <a class="attribution" href="https://www.tradingview.com/" target="_blank" rel="noopener">
      Charts by TradingView Lightweight Charts™
    </a>
  );
}
