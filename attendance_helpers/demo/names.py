"""The names of made-up pupils: as mixed as an English register, accents, apostrophes and hyphens included."""

from __future__ import annotations

from typing import Final

GIRLS: Final = tuple(
    """
    Aaliyah Abena Adaeze Agnieszka Aisha Alanna Alba Amara Amelie Amina Anaïs Anjali Anwen Aoife Arabella Asha
    Astrid Ayesha Beatrix Bethan Bryony Carys Celeste Cerys Chiamaka Chloë Clementine Coralie Daisy Damilola Deepa
    Delphine Edie Eilidh Elif Elodie Eluned Emmeline-Rose Esmé Esperanza Farah Fatou Fern Fleur Freya Gabriela Georgina
    Gwendolen Habiba Hannah-Mae Harriet Hiba Honor Imani Imogen Inès Iona Isla-Grace Ivy Jessamy Jia Josephine Juno
    Kadija Kateryna Keziah Khadra Lakshmi Lara Leila Lena Lilac Linh Lowenna Luciana Maeve Magdalena Mariam Marnie
    Matilda Mei Meera Merryn Miriam Morwenna Nadia Naomi Nerys Ngozi Niamh Noor Odette Oluwaseun Ottilie Paige Perdita
    Petra Polly Priya Renée Rhiannon Rosalind Roza Ruqayyah Saoirse Selin Seren Shanice Siân Simran Sky Sofía Sorrel
    Summer Tabitha Tamsin Thandiwe Thea Tirion Ursula Verity Wanjiru Xanthe Yara Yasmin Zainab Zofia Zuri
    """.split()
)
BOYS: Final = tuple(
    """
    Aarav Abdi Adewale Adrián Alasdair Albie Ambrose Aneurin Anton Arjun Armaan Arthur Ashok Asher Barnaby Bartosz
    Benedict Bilal Björn Blake Bogdan Caleb Callum Cassius Chidi Conor Cosmo Dáithí Dafydd Darius Declan Denzel Dominik
    Edmund Efe Eliezer Elio Emrys Eoin Fabian Farhan Felix Finlay Florian François Gethin Gideon Gruffydd Gus Hamza
    Haroon Harvey Hector Hugo Humza Ibrahim Idris Ignacy Ishaan Ivo Jago Jaden Jakub Jean-Luc Jethro Joaquín José
    Kacper Kai Karol Keir Kian Kofi Kwabena Lachlan Laurie Leon Lorcan Luca Łukasz Madoc Malachi Marek Mateo Micah
    Milo Mohammed Musa Nathaniel Niall Nikhil Obinna Odin Oisín Omar Orlando Osian Otis Pádraig Parminder Percy
    Piran Rafferty Rajan Reuben Rhodri Ronan Rufus Saad Sami Seán Sebastian Silas Stefan Sufyan Tariq Teddy Tendai
    Thaddeus Tobias Tomasz Tudor Umar Viktor Vihaan Wilfred Xavier Yannick Yusuf Zac Zakariya
    """.split()
)
SURNAMES: Final = tuple(
    name.replace("_", " ")
    for name in """
    Abara Abbott Achterberg Adeleke Aitken Akhtar Alderson Antoniou Appleyard Asante Ashworth Atkins Babatunde Bains
    Balogun Bancroft Baptiste Barraclough Beaumont Bedi Beswick Bhatt Birtwistle Blythe Bolton Bönisch Bradshaw
    Brathwaite Brennan Brzezinski Burrows Butterworth Caddick Calloway Campion Carmichael Castellano Chadwick
    Chatterjee Chaudhry Cheng Chikwanha Chowdhury Clegg Cobham Coppard Coutinho Crabtree Cranfield Curtis D'Alessandro
    D'Arcy D'Souza Dhillon Dawes Demetriou Dhaliwal Diallo Dlamini Dobson Drummond Dunstable Durrant Eastwood Eccles
    Edozie El-Amin Ellwood Emmett Fairclough Farrukh Ferreira Fielding Fitzgerald Forrester Fothergill Fröhlich
    Gallagher Gardiner Ghosh Gill Gonçalves Goodyear Gould Greenhalgh Grewal Gutiérrez Hargreaves Hashemi Haworth
    Heptonstall Hirst Holroyd Horvat Huang Hussein Ibáñez Iqbal Ivanova Iyer Jankowski Jeffries Jowett Kaczmarek
    Kamara Karim Kaye-Fielding Keane Kenyon Kipling Kovács Kumari Lacey Langridge Le_Roux Liang Lockwood Lomax
    Luton Mac_Dermott Mahmood Makinde McAllister McGuinness Mehta Mensah Merryweather Mistry Mitchison
    Mohamud Mukherjee Müller Mwangi Naidoo Ndlovu Netherwood Nguyễn Nightingale Nkemelu Nowakowska Nuttall O'Brien
    O'Connell O'Driscoll O'Sullivan Oakley Obi Odukoya Okonjo Ormerod Osei Ó_Súilleabháin Owusu Padgett Partridge
    Parekh Peñaloza Petrov Pickles Pilkington Poole Popescu Prendergast Qureshi Quigley Radcliffe Rahman Rajput
    Ravenscroft Redfearn Rhys-Morgan Rossi Rushworth Saeed Sandhu Sargent Schofield Sellers Shackleton Siddiqui Sikora
    Singh Skelton Snape Sokolowski Søndergaard Spencer-Okafor St_Clair Stansfield Stavrou Sutcliffe Szabó Tattersall
    Teixeira Thackray Thistlewood Thwaite Tran Treloar Trevithick Uddin Underhill Usman Vaughan Venkataraman
    Wadsworth Walmsley Wanjala Weatherby Whitaker Whittingham Winterbottom Wolstenholme Wójcik Wrigley Xu Yates Yıldız
    Younis Zhang Zielinska Zimmermann
    """.split()
)
# One pupil has a name that runs out of every box on a form.
LONG_FORENAME: Final = "Maximiliana-Rosalind Anastasia Evangeline Persephone"
LONG_SURNAME: Final = "Featherstonehaugh-Cholmondeley-Venkatanarasimharajuvaripeta"
