/** The shares of the presets `equities` and `exchange`. */
import { driftOf, instrumentsOf } from './table.ts';

/** Price, volatility a year, thousands of trades a day, name; by sector. */
const SECTORS: Readonly<Record<string, string>> = {
  Technology: `
    NIMBO  1650.40 0.34 640 Nimbora Systems
    QVANT   749.40 0.41 520 Qvanta Circuits
    LUMEX   385.92 0.38 410 Lumexa Optics
    BYTRA   232.48 0.46 300 Bytraxis Software
    ORVYN  2927.60 0.31 280 Orvyn Cloudworks
    SOLVI   270.00 0.52 190 Solvique Data
    PYXEL   290.16 0.58 150 Pyxelle Robotics
    TERNO   568.20 0.36 220 Ternova Semidevices`,
  Health: `
    VITRA  1073.60 0.24 260 Vitrasole Pharma
    MEDLO   459.68 0.27 180 Medlora Devices
    CURAX   333.28 0.43 140 Curaxine Biotech
    SANUM   349.20 0.22 120 Sanumed Hospitals
    GENVO   317.44 0.61 160 Genvolta Therapies
    PHYLA   611.08 0.26  90 Phylandra Labs`,
  Finance: `
    AURBK   514.00 0.25 330 Auraban Bank
    KREDA   311.20 0.29 240 Kredalia Lending
    VAULT1  884.40 0.23 130 Vaulterra Insurance
    MONDO   279.36 0.35 210 Mondovine Payments
    CAPIS   380.12 0.28 110 Capistrel Capital
    LEDGR   420.88 0.31 100 Ledgrove Exchange
    TRUSQ   352.44 0.27  80 Trusquin Trust`,
  Energy: `
    PETRU   292.72 0.30 290 Petrulia Oil
    SOLAQ   356.16 0.48 230 Solaqua Power
    VENTY   248.56 0.42 150 Ventyra Wind
    KARBO   346.84 0.33 120 Karbolite Gas
    HYDRN   351.20 0.55 140 Hydrane Fuels
    GRIDO   434.40 0.21  70 Gridora Networks`,
  Consumer: `
    MARQE   704.80 0.26 250 Marquelle Stores
    FOODY   502.72 0.19 200 Foodyssey Markets
    LUXOR2 1392.60 0.29 110 Luxorane Goods
    PLAYD   383.44 0.39 170 Playdome Games
    WEAVR   340.92 0.36  90 Weavrell Apparel
    BREWO   668.48 0.18  80 Brewolt Drinks
    TOYAM   251.52 0.44  60 Toyamo Toys`,
  Industry: `
    FERRU   509.76 0.27 160 Ferrustan Steel
    AEROV   815.52 0.32 180 Aerovance Jets
    RAILQ   365.40 0.22  90 Railquist Lines
    BUILT1  450.32 0.29 100 Builtrano Works
    CRANO   276.80 0.33  70 Cranova Lifts
    SHIPD   273.96 0.45 110 Shipdale Freight`,
  Materials: `
    LITHA   313.36 0.50 170 Lithara Mining
    CUPRO   274.16 0.37 130 Cuprovia Copper
    CHEMY   324.08 0.25  90 Chemystra Plastics
    PAPRA   423.68 0.24  50 Papranto Paper
    GOLDE   475.72 0.34 140 Goldescu Mines`,
  Utilities: `
    AQUAV   656.40 0.16 100 Aquavale Water
    ELECT1  577.28 0.17 120 Electrine Supply
    HEATO   589.60 0.18  60 Heatonia Heating
    TELKO   544.68 0.20 150 Telkonda Lines
    WASTE1  506.16 0.19  50 Wastelle Services`,
};

/** What a year adds to the logarithm of each. */
const TREND = 0.04;
/** Shares that are this restless are held: else some would be worth nothing in ten years. */
const RESTLESS = 0.4;

export const SHARES = Object.entries(SECTORS).flatMap(([sector, table]) =>
  instrumentsOf(table, 3, ([startPrice, volatility, kilotrades]) => ({
    sector,
    startPrice,
    volatility,
    drift: driftOf(TREND, volatility!),
    ...(volatility! > RESTLESS ? { pull: 0.3 } : {}),
    tradesPerDay: 1000 * kilotrades!,
    lotsPerTrade: 4,
    // Two hundredths of a percent of the price.
    spreadTicks: Math.max(1, Math.floor(startPrice! * 0.02 + 0.5)),
  })),
);

/** How they move, at a tick of a hundredth. */
export const SHARES_LAW = {
  model: 'market',
  assetClass: 'stock',
  tickSize: 0.01,
  marketShare: 0.28,
  sectorShare: 0.17,
  intraday: 0.4,
  leverage: 0.5,
  jumpSkew: 0.8,
  ownJumpSkew: 0.2,
  feedbackShare: 0.55,
  feedbackDays: 15,
  asymmetry: 1,
};
