import type { Preset } from './presets.ts';
import { instrumentsOf } from './table.ts';

/** Price, volatility a year, thousands of trades a day, name; by sector. */
const SECTORS: Readonly<Record<string, string>> = {
  Technology: `
    NIMBO  412.60 0.34 640 Nimbora Systems
    QVANT  187.35 0.41 520 Qvanta Circuits
    LUMEX   96.48 0.38 410 Lumexa Optics
    BYTRA   58.12 0.46 300 Bytraxis Software
    ORVYN  731.90 0.31 280 Orvyn Cloudworks
    SOLVI   33.75 0.52 190 Solvique Data
    PYXEL   24.18 0.58 150 Pyxelle Robotics
    TERNO  142.05 0.36 220 Ternova Semidevices`,
  Health: `
    VITRA  268.40 0.24 260 Vitrasole Pharma
    MEDLO  114.92 0.27 180 Medlora Devices
    CURAX   41.66 0.43 140 Curaxine Biotech
    SANUM   87.30 0.22 120 Sanumed Hospitals
    GENVO   19.84 0.61 160 Genvolta Therapies
    PHYLA  152.77 0.26  90 Phylandra Labs`,
  Finance: `
    AURBK   64.25 0.25 330 Auraban Bank
    KREDA   38.90 0.29 240 Kredalia Lending
    VAULT1 221.10 0.23 130 Vaulterra Insurance
    MONDO   17.46 0.35 210 Mondovine Payments
    CAPIS   95.03 0.28 110 Capistrel Capital
    LEDGR   52.61 0.31 100 Ledgrove Exchange
    TRUSQ   29.37 0.27  80 Trusquin Trust`,
  Energy: `
    PETRU   73.18 0.30 290 Petrulia Oil
    SOLAQ   44.52 0.48 230 Solaqua Power
    VENTY   31.07 0.42 150 Ventyra Wind
    KARBO   86.71 0.33 120 Karbolite Gas
    HYDRN   21.95 0.55 140 Hydrane Fuels
    GRIDO  108.60 0.21  70 Gridora Networks`,
  Consumer: `
    MARQE  176.20 0.26 250 Marquelle Stores
    FOODY   62.84 0.19 200 Foodyssey Markets
    LUXOR2 348.15 0.29 110 Luxorane Goods
    PLAYD   47.93 0.39 170 Playdome Games
    WEAVR   28.41 0.36  90 Weavrell Apparel
    BREWO   83.56 0.18  80 Brewolt Drinks
    TOYAM   15.72 0.44  60 Toyamo Toys`,
  Industry: `
    FERRU  127.44 0.27 160 Ferrustan Steel
    AEROV  203.88 0.32 180 Aerovance Jets
    RAILQ   91.35 0.22  90 Railquist Lines
    BUILT1  56.29 0.29 100 Builtrano Works
    CRANO   34.60 0.33  70 Cranova Lifts
    SHIPD   22.83 0.45 110 Shipdale Freight`,
  Materials: `
    LITHA   39.17 0.50 170 Lithara Mining
    CUPRO   68.54 0.37 130 Cuprovia Copper
    CHEMY   81.02 0.25  90 Chemystra Plastics
    PAPRA   26.48 0.24  50 Papranto Paper
    GOLDE  118.93 0.34 140 Goldescu Mines`,
  Utilities: `
    AQUAV   54.70 0.16 100 Aquavale Water
    ELECT1  72.16 0.17 120 Electrine Supply
    HEATO   36.85 0.18  60 Heatonia Heating
    TELKO   45.39 0.20 150 Telkonda Lines
    WASTE1  63.27 0.19  50 Wastelle Services`,
};

export const EQUITIES: Preset = {
  title: '50 shares in 8 sectors, at 0.01',
  spec: {
    dtype: 'uint32',
    defaults: {
      model: 'market',
      tickSize: 0.01,
      drift: 0.07,
      marketShare: 0.3,
      sectorShare: 0.2,
      leverage: 0.5,
    },
    instruments: Object.entries(SECTORS).flatMap(([sector, table]) =>
      instrumentsOf(table, 3, ([startPrice, volatility, kilotrades]) => ({
        sector,
        startPrice,
        volatility,
        tradesPerDay: 1000 * kilotrades!,
        lotsPerTrade: 4,
        // About three hundredths of a percent of the price.
        spreadTicks: Math.max(1, Math.floor(startPrice! * 0.03 + 0.5)),
      })),
    ),
  },
};
